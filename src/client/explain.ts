import { ConfigError } from "../config/config-error.ts";
import type { ExplainedOption, OptionSource } from "../config/explain.ts";
import { logFault } from "../config/jail-faults.ts";
import type { ClientContext } from "./context.ts";

/** `explain JAIL [OPTION]`: the options of a jail, or one of them, and where they are set. No server is needed. */
export async function explain(context: ClientContext, words: readonly string[]): Promise<boolean> {
  const { log, hub, print, options, loadInspector } = context;
  const [jail, option, ...surplus] = words;
  if (jail === undefined || surplus.length > 0) {
    log.error("Usage: explain <JAIL> [<OPTION>]");
    return false;
  }
  const inspector = await loadInspector();
  try {
    const explained = inspector.explain(options.conf, jail);
    const wanted = explained.filter((each) => option === undefined || each.option === option.toLowerCase());
    if (wanted.length === 0) {
      log.error(`Jail '${jail}' has no option '${option}'`);
      return false;
    }
    print(wanted.map(show).join(""));
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`Failed during configuration: ${error.message}`);
    logFault(hub, error);
    return false;
  }
}

function show({ option, value, error, sources }: ExplainedOption): string {
  const shown = value === undefined ? `(no value: ${error})` : indented(value);
  const places = sources.length === 0 ? ["    (default of the server)"] : sources.map(showSource);
  return `${option} =${shown === "" ? "" : ` ${shown}`}\n${places.join("\n")}\n`;
}

function showSource({ file, line, section, raw }: OptionSource, index: number): string {
  const place = line === 0 ? file : `${file}:${line}`;
  const [first = "", ...others] = raw.split("\n");
  const more = others.length === 0 ? "" : ` … (${others.length + 1} lines)`;
  return `    ${index === 0 ? "set by" : "overrides"} ${place} [${section}] ${first}${more}`.trimEnd();
}

/** Further lines of a value stand where a continuation stands in a file. */
function indented(value: string): string {
  return value.replaceAll("\n", "\n        ");
}
