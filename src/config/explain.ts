import { ConfigError } from "./config-error.ts";
import { JAIL_OPTIONS } from "./jail.ts";
import type { MergedOption } from "./merged.ts";
import { noSection } from "./merged.ts";
import { loadJails } from "./read.ts";
import type { ConfigTree } from "./tree.ts";

/** One place that sets an option. */
export interface OptionSource {
  readonly file: string;
  readonly line: number;
  /** Section in which it stands there: the jail's own or `DEFAULT`. */
  readonly section: string;
  /** Value as written. */
  readonly raw: string;
}

/** What an option of a jail is and where it comes from. */
export interface ExplainedOption {
  readonly option: string;
  /** Value with references resolved; `undefined` if they cannot be. */
  readonly value: string | undefined;
  /** Why there is no value. */
  readonly error?: string;
  /** All places that set it, the one that counts first, then what it overrides. */
  readonly sources: readonly OptionSource[];
}

/**
 * The effective options of one jail with the chain of files and lines that set them, the options that mean something to
 * fail2ban first, then those that others refer to.
 *
 * Values are those of the jail's files alone: references to the filter (`%(known/failregex)s`) that need the filter
 * to be evaluated are reported as errors of that option.
 *
 * @throws {ConfigError} unknown jail, syntax errors in the files
 */
export function explainJail(tree: ConfigTree, jail: string, version: string): ExplainedOption[] {
  const config = loadJails(tree, version);
  const own = config.own(jail);
  if (own === undefined) throw noSection(jail);
  const names = new Set([...JAIL_OPTIONS.keys(), ...own.keys(), ...(config.own("DEFAULT")?.keys() ?? [])]);
  const explained: ExplainedOption[] = [];
  for (const option of names) {
    const sources = [
      ...chain(own.get(option), jail),
      ...chain(config.own("DEFAULT")?.get(option), "DEFAULT"),
    ];
    if (sources.length === 0) continue;
    explained.push({ option, sources, ...resolved(() => config.get(jail, option)) });
  }
  return explained;
}

function resolved(get: () => unknown): { value: string | undefined; error?: string } {
  try {
    return { value: String(get() ?? "") };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { value: undefined, error: error.message };
  }
}

function chain(option: MergedOption | undefined, section: string): OptionSource[] {
  const sources: OptionSource[] = [];
  for (let at = option; at !== undefined; at = at.overrides) {
    sources.push({ file: at.file, line: at.line, section, raw: String(at.value ?? "") });
  }
  return sources;
}
