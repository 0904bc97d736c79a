import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError, JailDefinitionError } from "../config/config-error.ts";
import {
  type FilterDefinition,
  readFilter,
  readFilterFile,
  readJailFilter,
} from "../config/filter-definition.ts";
import { OptionSyntaxError, parseNameWithOptions } from "../config/options.ts";
import { ConfigTree } from "../config/tree.ts";
import type { LogHub } from "../log/logger.ts";
import { repr } from "../pyvalue/repr.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { statsOf } from "./path-stats.ts";
import { TesterError } from "./tester-error.ts";

/** What is to be tested. */
export interface FilterSource {
  /** Lines of the report that say where it comes from. */
  readonly announcement: readonly string[];
  readonly definition: FilterDefinition;
}

/** How the REGEX argument is looked up. */
export interface LookUp {
  /** Configuration directory. */
  readonly config: string;
  readonly verbosity: number;
  readonly hub: LogHub;
  /** What a jail would read the log with; decides the default of the parameter `logtype`. Default: files. */
  readonly backend?: string;
}

/**
 * Finds the jail or the filter that the REGEX argument names; `null` when it is an expression.
 *
 * @throws {TesterError} when the options in brackets are wrong or the configuration cannot be read
 */
export function findFilterSource(argument: string, lookUp: LookUp): FilterSource | null {
  if (!NAME.test(argument)) return null;
  try {
    const { name, options } = parseNameWithOptions(argument);
    return findJail(name, options, lookUp) ?? findFilter(name, options, lookUp);
  } catch (error) {
    if (error instanceof OptionSyntaxError) {
      throw new TesterError(
        `ERROR: Wrong filter name or options: ${error.message}\n       while parsing: ${argument}`,
      );
    }
    if (error instanceof ConfigError || error instanceof JailDefinitionError) {
      throw new TesterError(`ERROR: ${error.message}`);
    }
    throw error;
  }
}

const NAME = /^[\w./-]+(?:\[.*\])?$/s;
const CONFIG_FILE = /\.(?:conf|local)$/;

function findJail(
  name: string,
  options: ReadonlyMap<string, string>,
  { config, hub, verbosity, backend = "auto" }: LookUp,
): FilterSource | null {
  if (name.includes("/") || CONFIG_FILE.test(name) || !existsSync(join(config, "jail.conf"))) return null;
  // Not the jail's own backend: its filter is to understand the log that was given.
  const query = { parameters: options, backend };
  const definition = readJailFilter(new ConfigTree(config, hub), name, FAIL2BAN_VERSION, query);
  if (!definition) return null;
  const announcement = [`Use             jail : ${name}`];
  if (options.size > 0) announcement.push(`Use jail/flt options : ${repr(new Map(options))}`);
  if (verbosity > 1) {
    const logtype = definition.parameters.get("logtype") ?? null;
    const real = new Map([["logtype", logtype], ...options, ["backend", backend]]);
    announcement.push(`Real  filter options : ${repr(real)}`);
  }
  return { announcement, definition };
}

function findFilter(name: string, options: ReadonlyMap<string, string>, lookUp: LookUp): FilterSource | null {
  const file = findFilterFile(name, lookUp.config);
  if (file === null) return null;
  const folder = dirname(file);
  const isOfTree = basename(folder) === "filter.d";
  const tree = new ConfigTree(isOfTree ? dirname(folder) : folder, lookUp.hub);
  const filterName = basename(file).replace(CONFIG_FILE, "");
  const { backend } = lookUp;
  const query = { parameters: options, ...(backend === undefined ? {} : { backend }) };
  const definition = isOfTree ? readFilter(tree, filterName, query) : readFilterFile(tree, file, query);
  if (!definition) return null;
  const announcement = [
    isOfTree
      ? `Use      filter file : ${filterName}, basedir: ${tree.base}`
      : `Use      filter file : ${file}`,
  ];
  if (options.size > 0) announcement.push(`Use   filter options : ${repr(new Map(options))}`);
  if (lookUp.verbosity > 1)
    announcement.push(`Real  filter options : ${repr(new Map(definition.parameters))}`);
  return { announcement, definition };
}

/** The file that a name stands for: in the configuration directory, or a path. */
function findFilterFile(name: string, config: string): string | null {
  const base = basename(resolve(config)) === "filter.d" ? dirname(resolve(config)) : config;
  const isComplete = name.slice(-6).includes(".");
  const endings = isComplete ? [""] : ["", ".conf", ".local"];
  const places = name.startsWith("/") ? [name] : [join(base, "filter.d", name), join(base, name), name];
  for (const place of places) {
    const found = endings.map((ending) => place + ending).find(isFile);
    if (found !== undefined) return found.startsWith("/") || !place.startsWith(base) ? resolve(found) : found;
  }
  return null;
}

function isFile(path: string): boolean {
  return statsOf(path)?.isFile() ?? false;
}
