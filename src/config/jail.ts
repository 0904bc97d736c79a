import type { Logger } from "../log/logger.ts";
import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { actionCommands, actionPath } from "./action.ts";
import { splitActions } from "./action-list.ts";
import { type ConfigPosition, JailDefinitionError } from "./config-error.ts";
import type { OptionTable } from "./convert.ts";
import type { Definition } from "./definition.ts";
import { FILTER_OPTIONS, filterPath, openFilter } from "./filter.ts";
import type { MergedConfig } from "./merged.ts";
import { type NameWithOptions, OptionSyntaxError, parseNameWithOptions } from "./options.ts";
import { type OptionValue, readSectionOptions } from "./section-options.ts";
import type { ConfigTree } from "./tree.ts";

/** The options that decide how the others are read. */
const FIRST_OPTIONS: OptionTable = new Map([
  ["enabled", "bool"],
  ["backend", "string"],
  ["filter", "string"],
]);

/** All options of a jail, in the order of the command stream. */
export const JAIL_OPTIONS: OptionTable = new Map([
  ["enabled", "bool"],
  ["backend", "string"],
  ["maxretry", "int"],
  ["maxmatches", "int"],
  ["findtime", "string"],
  ["bantime", "string"],
  ["bantime.increment", "bool"],
  ["bantime.factor", "string"],
  ["bantime.formula", "string"],
  ["bantime.multipliers", "string"],
  ["bantime.maxtime", "string"],
  ["bantime.rndtime", "string"],
  ["bantime.overalljails", "bool"],
  ["ignorecommand", "string"],
  ["ignoreself", "bool"],
  ["ignoreip", "string"],
  ["ignorecache", "string"],
  ["verify", "string"],
  ["dryrun", "switch"],
  ["maxbans", "count"],
  ["banprefix", "string"],
  ["aggregate", "string"],
  ["kerneltimeout", "switch"],
  ["killconnections", "switch"],
  ["filter", "string"],
  ["logtimezone", "string"],
  ["logencoding", "string"],
  ["logformat", "string"],
  ["logpath", "string"],
  ["skip_if_nologs", "bool"],
  ["systemd_if_nologs", "bool"],
  ["action", "string"],
  ...FILTER_OPTIONS,
]);

/** A jail that was read: all that its commands are made of. */
export interface Jail {
  readonly name: string;
  readonly backend: string;
  /** Options that are set, in the order of {@link JAIL_OPTIONS}. */
  readonly options: ReadonlyMap<string, OptionValue>;
  /** The filter, read but not yet combined; `undefined` if the jail has none. */
  readonly filter: Definition | undefined;
  /** Commands of the actions. */
  readonly actions: readonly PyValue[][];
  /** Whether the jail itself says which journal entries it wants, be it nothing. */
  readonly hasJournalMatch: boolean;
  /** Where an option is set and to what, for messages. */
  readonly placeOf: (option: string) => ConfigPosition;
}

/** What may be asked of a jail beyond its configuration. */
export interface JailQuery {
  /** Parameters of the filter, stronger than those in the jail. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Stands for the jail's own backend. */
  readonly backend?: string;
  /** Whether actions are read; they are unless this is `false`. */
  readonly actions?: boolean;
}

/** Whether a jail is switched on. */
export function isEnabled(config: MergedConfig, name: string, logger: Logger): boolean {
  const table: OptionTable = new Map([["enabled", "bool"]]);
  return readSectionOptions(config, name, table, logger).get("enabled") === true;
}

/**
 * Reads one jail with its filter and its actions.
 *
 * The values of the filter become options `known/<option>` of the jail's section in `config`.
 *
 * @throws {JailDefinitionError} filter or action that cannot be used
 * @throws {ConfigError} anything that spoils the whole configuration
 */
export function readJail(tree: ConfigTree, config: MergedConfig, name: string, query: JailQuery = {}): Jail {
  const { actions: withActions = true } = query;
  const logger = tree.log.logger("jailreader");
  const { given, backend, filter } = beginJail(tree, config, name, query);
  if (filter === undefined) logger.warning(`No filter set for jail ${name}`);
  const options = readOptions(tree, config, name, JAIL_OPTIONS);
  const values = new Map([...given, ...options]);
  filter?.read(values, false);
  const actions = withActions ? readActions(tree, config, name, values) : [];
  if (withActions && actions.length === 0) logger.warning(`No actions were defined for ${name}`);
  return {
    name,
    backend,
    options,
    filter,
    actions,
    hasJournalMatch: config.raw(name, "journalmatch") !== undefined,
    placeOf: (option) => placeOf(config, name, option),
  };
}

/** A jail whose filter was read for the first time. */
export interface BegunJail {
  readonly backend: string;
  /** The options that the filter sees in this reading. */
  readonly given: ReadonlyMap<string, OptionValue>;
  readonly filter: Definition | undefined;
}

/**
 * The first half of reading a jail: its filter, whose values become options `known/<option>` of the jail in `config`.
 *
 * @throws {JailDefinitionError} a filter that cannot be used
 * @throws {ConfigError} anything that spoils the whole configuration
 */
export function beginJail(
  tree: ConfigTree,
  config: MergedConfig,
  name: string,
  { parameters = new Map(), backend: otherBackend }: JailQuery = {},
): BegunJail {
  const first = readOptions(tree, config, name, FIRST_OPTIONS);
  const filterText = first.get("filter");
  const backend = otherBackend ?? asText(first.get("backend")) ?? "auto";
  const given = new Map<string, OptionValue>([
    ["enabled", true],
    ["backend", backend],
    ["filter", filterText ?? ""],
  ]);
  const filter = filterText
    ? readFilterFor(tree, config, name, { text: String(filterText), backend, given, parameters })
    : undefined;
  return { backend, given, filter };
}

function readOptions(
  tree: ConfigTree,
  config: MergedConfig,
  jail: string,
  table: OptionTable,
): Map<string, OptionValue> {
  return readSectionOptions(config, jail, table, tree.log.logger("configreader"));
}

/** What the filter of a jail depends on. */
interface FilterOfJail {
  /** Name with options. */
  readonly text: string;
  readonly backend: string;
  readonly given: ReadonlyMap<string, OptionValue>;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The filter after its first reading, with its values put into the jail as `known/…`. */
function readFilterFor(
  tree: ConfigTree,
  config: MergedConfig,
  jail: string,
  { text, backend, given, parameters }: FilterOfJail,
): Definition {
  const position = placeOf(config, jail, "filter");
  const { name, options } = parseDefinition("filter", text, position);
  const files = tree.load(filterPath(name));
  if (files === undefined)
    throw unreadable(`Unable to read the filter ${repr(name)}`, position, filterPath(name));
  const logger = tree.log.logger("configreader");
  const filter = openFilter({
    config: files,
    parameters: new Map([...options, ...parameters]),
    backend,
    logger,
  });
  filter.read(given, true);
  const origin = { file: position.file ?? "", line: position.line ?? 0 };
  for (const [option, value] of filter.combine()) {
    config.set(jail, `known/${option}`, typeof value === "boolean" ? String(value) : value, origin);
  }
  return filter;
}

function readActions(
  tree: ConfigTree,
  config: MergedConfig,
  jail: string,
  jailOptions: ReadonlyMap<string, OptionValue>,
): PyValue[][] {
  const place = placeOf(config, jail, "action");
  return splitActions(asText(jailOptions.get("action")) ?? "").flatMap((text) => {
    const position = { ...place, value: text };
    const { name, options: parameters } = parseDefinition("action", text, position);
    const commands = actionCommands(tree, { jail, name, parameters, jailOptions });
    if (commands === undefined)
      throw unreadable(`Unable to read action ${repr(name)}`, position, actionPath(name));
    return commands;
  });
}

function parseDefinition(kind: "filter" | "action", text: string, position: ConfigPosition): NameWithOptions {
  try {
    return parseNameWithOptions(text);
  } catch (error) {
    if (!(error instanceof OptionSyntaxError)) throw error;
    throw new JailDefinitionError(`Invalid ${kind} definition ${repr(text)}: ${error.message}`, {
      ...position,
      expected: `name[option=value, option="value"]`,
    });
  }
}

function unreadable(message: string, position: ConfigPosition, path: string): JailDefinitionError {
  return new JailDefinitionError(message, {
    ...position,
    expected: `a readable ${path}.conf or ${path}.local`,
  });
}

function placeOf(config: MergedConfig, section: string, option: string): ConfigPosition {
  const raw = config.raw(section, option);
  if (raw === undefined) return { section, option };
  return { section, option, file: raw.file, line: raw.line, value: String(raw.value ?? "") };
}

function asText(value: OptionValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
