import { filterPath, nonEmptyLines, openFilter } from "./filter.ts";
import { type Jail, readJail } from "./jail.ts";
import type { MergedConfig } from "./merged.ts";
import { parseNameWithOptions } from "./options.ts";
import { loadJails } from "./read.ts";
import type { OptionValue } from "./section-options.ts";
import { shellWords } from "./shell-words.ts";
import type { ConfigTree } from "./tree.ts";

/** A filter as the regex tester uses it: evaluated, expressions one by one. */
export interface FilterDefinition {
  readonly usedns: string | undefined;
  readonly prefregex: string | undefined;
  readonly failregex: readonly string[];
  readonly ignoreregex: readonly string[];
  readonly maxlines: number | undefined;
  readonly datepattern: string | undefined;
  /** Time zone of the jail's logs; a filter alone has none. */
  readonly logtimezone: string | undefined;
  /** One match each, split into its words. */
  readonly journalmatch: readonly string[][];
  /** Parameters and `[Init]` values before tags are replaced, `known/…` included, in their order. */
  readonly parameters: ReadonlyMap<string, OptionValue>;
}

/** How a filter is asked for. */
export interface FilterQuery {
  /** Parameters besides those in brackets; those in brackets win. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Decides the default of the parameter `logtype`; `auto`, or the jail's own, unless given. */
  readonly backend?: string;
}

/**
 * Reads a filter by name, with optional parameters in brackets. A name that is an absolute path, or begins with `./`,
 * stands for `<path>.conf`, `<path>.local` and so on.
 *
 * @returns `undefined` if there are no such files; the reason has been logged
 * @throws {OptionSyntaxError} bad bracket syntax
 * @throws {ConfigError} syntax errors in the files, references that cannot be resolved
 */
export function readFilter(
  tree: ConfigTree,
  text: string,
  query: FilterQuery = {},
): FilterDefinition | undefined {
  const { name, options } = parseNameWithOptions(text);
  return evaluate(
    tree,
    tree.load(filterPath(name)),
    new Map([...(query.parameters ?? []), ...options]),
    query,
  );
}

/**
 * Reads a filter from one file with its includes, and from no other.
 *
 * @returns `undefined` if it cannot be read; the reason has been logged
 * @throws {ConfigError} syntax errors, references that cannot be resolved
 */
export function readFilterFile(
  tree: ConfigTree,
  path: string,
  query: FilterQuery = {},
): FilterDefinition | undefined {
  return evaluate(tree, tree.loadFile(path), query.parameters ?? new Map(), query);
}

/**
 * The filter of a jail, be it enabled or not, with the jail's own expressions. What the query says is stronger than what
 * the jail says.
 *
 * @returns `undefined` if there is no such jail
 * @throws {JailDefinitionError} the filter cannot be used
 * @throws {ConfigError} anything that spoils the whole configuration
 */
export function readJailFilter(
  tree: ConfigTree,
  jail: string,
  version: string,
  query: FilterQuery = {},
): FilterDefinition | undefined {
  const config = loadJails(tree, version);
  if (!config.sections().includes(jail)) return undefined;
  return filterOfJail(readJail(tree, config, jail, { ...query, actions: false }));
}

function evaluate(
  tree: ConfigTree,
  config: MergedConfig | undefined,
  parameters: ReadonlyMap<string, string>,
  { backend = "auto" }: FilterQuery,
): FilterDefinition | undefined {
  if (config === undefined) return undefined;
  const definition = openFilter({ config, parameters, backend, logger: tree.log.logger("configreader") });
  definition.read(new Map(), true);
  return compose(definition.combine(), new Map(), definition.inputs());
}

/**
 * The filter of a jail that was read, with the jail's own expressions.
 *
 * @throws {ConfigError} tags that lead back to themselves, journal matches that cannot be split
 */
export function filterOfJail({ filter, options }: Jail): FilterDefinition {
  return compose(filter?.combine() ?? new Map(), options, filter?.inputs() ?? new Map());
}

/** The outcome of the commands of a stream, where the filter's parameters win over the jail's options, but not all. */
function compose(
  filter: ReadonlyMap<string, OptionValue>,
  jail: ReadonlyMap<string, OptionValue>,
  parameters: ReadonlyMap<string, OptionValue>,
): FilterDefinition {
  const lines = (name: string) => [...nonEmptyLines(filter.get(name)), ...nonEmptyLines(jail.get(name))];
  const text = (value: OptionValue | undefined) => (typeof value === "string" ? value : undefined);
  const maxlines = filter.get("maxlines") ?? jail.get("maxlines");
  return {
    usedns: text(filter.get("usedns") ?? jail.get("usedns")),
    prefregex: text(filter.get("prefregex") ?? jail.get("prefregex")),
    failregex: lines("failregex"),
    ignoreregex: lines("ignoreregex"),
    maxlines: typeof maxlines === "number" ? maxlines : undefined,
    datepattern: text(jail.get("datepattern") ?? filter.get("datepattern")),
    logtimezone: text(jail.get("logtimezone")),
    journalmatch: lines("journalmatch").map(shellWords),
    parameters,
  };
}
