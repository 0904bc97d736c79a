import { ConfigError, JailDefinitionError } from "./config-error.ts";
import type { Definition } from "./definition.ts";
import { FILTER_OPTIONS } from "./filter.ts";
import { type BegunJail, beginJail, JAIL_OPTIONS } from "./jail.ts";
import { type MergedConfig, type MergedOption, noSection } from "./merged.ts";
import { loadJails } from "./read.ts";
import type { ConfigTree } from "./tree.ts";

/** One place that sets an option. */
export interface OptionSource {
  readonly file: string;
  readonly line: number;
  /** Section in which it stands there: the jail's own, `DEFAULT`, or one of the filter. */
  readonly section: string;
  /** Value as written. */
  readonly raw: string;
}

/** What an option of a jail is and where it comes from. */
export interface ExplainedOption {
  readonly option: string;
  /** Value with references and tags resolved; `undefined` if they cannot be. */
  readonly value: string | undefined;
  /** Why there is no value. */
  readonly error?: string;
  /** All places that set it, the one that counts first, then what it overrides; none for defaults of the server. */
  readonly sources: readonly OptionSource[];
}

/** What the server takes where nothing is set. */
const SERVER_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["enabled", "false"],
  ["backend", "auto"],
  ["maxretry", "3"],
  ["maxmatches", "5"],
  ["findtime", "600"],
  ["bantime", "600"],
  ["ignoreself", "true"],
  ["usedns", "warn"],
]);

/**
 * The effective options of one jail with the chain of files and lines that set them, those of its filter included: the
 * options that mean something to fail2ban first, then those that others refer to.
 *
 * @throws {ConfigError} unknown jail, syntax errors in the jail's files
 */
export function explainJail(tree: ConfigTree, jail: string, version: string): ExplainedOption[] {
  const config = loadJails(tree, version);
  if (config.own(jail) === undefined) throw noSection(jail);
  const own = [...(config.own(jail)?.keys() ?? [])];
  const begun = attempt(() => beginJail(tree, config, jail));
  const ofDefinition = attempt(() => filterValues(config, jail, begun));
  const names = new Set([...JAIL_OPTIONS.keys(), ...own, ...(config.own("DEFAULT")?.keys() ?? [])]);
  return [...names].flatMap((option) => {
    const ofJail = jailSources(config, jail, option);
    const ofFilter = FILTER_OPTIONS.has(option) ? filterSources(begun?.filter, option) : [];
    if (ofJail.length > 0) {
      return [{ option, ...resolved(() => config.get(jail, option)), sources: [...ofJail, ...ofFilter] }];
    }
    if (ofFilter.length > 0)
      return [{ option, ...resolved(() => ofDefinition?.get(option)), sources: ofFilter }];
    const value = SERVER_DEFAULTS.get(option);
    return value === undefined ? [] : [{ option, value, sources: [] }];
  });
}

/** The options of the filter as the jail sees them; those of the jail that cannot be resolved are passed over. */
function filterValues(
  config: MergedConfig,
  jail: string,
  begun: BegunJail | undefined,
): ReadonlyMap<string, unknown> | undefined {
  if (begun?.filter === undefined) return undefined;
  const given = new Map(begun.given);
  for (const option of JAIL_OPTIONS.keys()) {
    const value = attempt(() => config.get(jail, option));
    if (value !== undefined) given.set(option, value);
  }
  begun.filter.read(given, false);
  return begun.filter.combine();
}

function jailSources(config: MergedConfig, jail: string, option: string): OptionSource[] {
  return [
    ...chain(config.own(jail)?.get(option), jail),
    ...chain(config.own("DEFAULT")?.get(option), "DEFAULT"),
  ];
}

function filterSources(filter: Definition | undefined, option: string): OptionSource[] {
  return (filter?.settingsOf(option) ?? []).flatMap(({ section, setting }) => chain(setting, section));
}

/** A value that cannot be had is reported where it is shown. */
function attempt<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof JailDefinitionError) return undefined;
    throw error;
  }
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
