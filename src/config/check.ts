import { LEVELS, LogHub } from "../log/logger.ts";
import { ACTION_OPTIONS, actionPath } from "./action.ts";
import { splitActions } from "./action-list.ts";
import { ConfigError, type ConfigPosition } from "./config-error.ts";
import { FILTER_OPTIONS, filterPath } from "./filter.ts";
import { glob } from "./glob.ts";
import { JAIL_OPTIONS } from "./jail.ts";
import { parseLogPath } from "./log-paths.ts";
import { KNOWN_PREFIX, type MergedConfig, type MergedOption } from "./merged.ts";
import { nearest } from "./nearest.ts";
import { parseNameWithOptions } from "./options.ts";
import { jailNames, loadJails, readConfiguration } from "./read.ts";
import { ConfigTree } from "./tree.ts";

/** Something in the configuration that is wrong or probably not meant. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly position: ConfigPosition;
}

/**
 * Checks a whole tree: reads it as a start would, then looks at what a start takes silently, such as misspelled
 * options and log paths that match nothing. Nothing is thrown: whatever is found is in the list.
 */
export function checkTree(tree: ConfigTree, version: string): Finding[] {
  const findings = readingFindings(tree, version);
  const quiet = new ConfigTree(tree.base, new LogHub(() => {}), tree.files);
  try {
    const config = loadJails(quiet, version);
    for (const jail of jailNames(config)) findings.push(...jailFindings(quiet, config, jail));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return findings;
}

/** What a start would log or fail with. */
function readingFindings(tree: ConfigTree, version: string): Finding[] {
  const findings: Finding[] = [];
  const hub = new LogHub(({ level, message }) => {
    findings.push({ severity: level >= LEVELS.ERROR ? "error" : "warning", message, position: {} });
  }, LEVELS.WARNING);
  try {
    readConfiguration(new ConfigTree(tree.base, hub, tree.files), { version, dump: true, test: true });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    findings.push({ severity: "error", message: error.message, position: error.position });
  }
  return findings;
}

function jailFindings(tree: ConfigTree, config: MergedConfig, jail: string): Finding[] {
  const options = config.own(jail) ?? new Map<string, MergedOption>();
  const findings: Finding[] = [];
  const used = referencedNames(config);
  for (const [option, raw] of options) {
    if (JAIL_OPTIONS.has(option) || used.has(option)) continue;
    const meant = nearest(option, JAIL_OPTIONS.keys());
    const hint = meant === undefined ? "nothing refers to it" : `did you mean '${meant}'?`;
    findings.push(warning(`Unknown option '${option}': ${hint}`, jail, option, raw));
  }
  if (/^(?:1|on|true|yes)$/i.test(textOf(config, jail, "enabled"))) {
    findings.push(...missingLogs(tree, config, jail), ...misspelledDefinitionOptions(tree, config, jail));
  }
  return findings;
}

/** Patterns of an enabled jail that match no file, one by one. */
function missingLogs(tree: ConfigTree, config: MergedConfig, jail: string): Finding[] {
  if (textOf(config, jail, "backend").startsWith("systemd")) return [];
  const raw = config.raw(jail, "logpath");
  const lines = textOf(config, jail, "logpath").split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    const { path, mode } = parseLogPath(line);
    if (!/^(?:head|tail)$/i.test(mode)) {
      return [
        warning(
          `Log path '${line}': expected 'head' or 'tail' after the blank, found '${mode}'`,
          jail,
          "logpath",
          raw,
        ),
      ];
    }
    if (glob(path, tree.files).length > 0) return [];
    return [warning(`Log path '${path}' matches no file`, jail, "logpath", raw)];
  });
}

/** Options of the jail's filter and actions that look like misspelled ones. */
function misspelledDefinitionOptions(tree: ConfigTree, config: MergedConfig, jail: string): Finding[] {
  const definitions = [
    ...nameOf(textOf(config, jail, "filter")).map((name) => ({
      path: filterPath(name),
      table: FILTER_OPTIONS,
    })),
    ...splitActions(textOf(config, jail, "action"))
      .flatMap(nameOf)
      .filter((name) => !name.endsWith(".py"))
      .map((name) => ({ path: actionPath(name), table: ACTION_OPTIONS })),
  ];
  return definitions.flatMap(({ path, table }) => {
    const definition = tree.load(path);
    if (definition === undefined) return [];
    const used = referencedNames(definition);
    return [...(definition.own("Definition") ?? [])].flatMap(([option, raw]) => {
      const meant = table.has(option) || used.has(option) ? undefined : nearest(option, table.keys());
      if (meant === undefined) return [];
      return [warning(`Unknown option '${option}': did you mean '${meant}'?`, "Definition", option, raw)];
    });
  });
}

function nameOf(text: string): string[] {
  try {
    return [parseNameWithOptions(text).name];
  } catch {
    return []; // A start reports it.
  }
}

/** Every name that a `%(…)s` or a tag anywhere in the configuration may refer to. */
function referencedNames(config: MergedConfig): Set<string> {
  const names = new Set<string>();
  for (const section of ["DEFAULT", ...config.sections()]) {
    if (section.startsWith(KNOWN_PREFIX)) continue;
    for (const { value } of config.own(section)?.values() ?? []) {
      if (typeof value !== "string") continue;
      for (const [, percent, tag] of value.matchAll(/%\(([^)]+)\)s|<([^ <>]+)>/g)) {
        const name = (percent ?? tag ?? "").toLowerCase();
        names.add(name.slice(name.lastIndexOf("/") + 1));
      }
    }
  }
  return names;
}

function textOf(config: MergedConfig, section: string, option: string): string {
  try {
    return String(config.get(section, option) ?? "");
  } catch (error) {
    if (error instanceof ConfigError) return "";
    throw error;
  }
}

function warning(message: string, section: string, option: string, raw: MergedOption | undefined): Finding {
  const position = {
    section,
    option,
    file: raw?.file,
    line: raw?.line,
    value: raw === undefined ? undefined : String(raw.value),
  };
  return { severity: "warning", message, position };
}
