import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { diskFiles, type FileAccess } from "../config/files.ts";
import { loadFilter, nonEmptyLines, readFilter } from "../config/filter.ts";
import { readJail } from "../config/jail.ts";
import { OptionSyntaxError, parseNameWithOptions } from "../config/options.ts";
import { loadJails } from "../config/read.ts";
import type { OptionValue } from "../config/section-options.ts";
import { ConfigTree } from "../config/tree.ts";
import type { LogHub } from "../log/logger.ts";
import { repr } from "../pyvalue/repr.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { TesterError } from "./tester-error.ts";

/** What is to be tested. */
export interface FilterSource {
  /** Lines of the report that say where it comes from. */
  readonly announcement: readonly string[];
  readonly useDns: string | null;
  readonly prefRegex: string | null;
  readonly failRegexes: readonly string[];
  readonly ignoreRegexes: readonly string[];
  readonly maxLines: number | null;
  readonly datePattern: string | null;
  readonly logTimeZone: string | null;
}

/** How the REGEX argument is looked up. */
export interface LookUp {
  /** Configuration directory. */
  readonly config: string;
  readonly verbosity: number;
  readonly hub: LogHub;
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
    if (error instanceof ConfigError) throw new TesterError(`ERROR: ${error.message}`);
    throw error;
  }
}

const NAME = /^[\w./-]+(?:\[.*\])?$/s;
const CONFIG_FILE = /\.(?:conf|local)$/;

function findJail(
  name: string,
  options: ReadonlyMap<string, string>,
  { config, hub }: LookUp,
): FilterSource | null {
  if (name.includes("/") || CONFIG_FILE.test(name) || !existsSync(join(config, "jail.conf"))) return null;
  const tree = new ConfigTree(config, hub);
  const jails = loadJails(tree, FAIL2BAN_VERSION);
  if (!jails.sections().includes(name)) return null;
  overrideFilter(jails, name, options);
  const jail = readJail(tree, jails, name);
  const values = new Map([...(jail.filter?.combine() ?? []), ...withoutNulls(jail.options)]);
  const announcement = [`Use             jail : ${name}`];
  if (options.size > 0) announcement.push(`Use jail/flt options : ${repr(new Map(options))}`);
  return sourceOf(values, announcement);
}

/** Puts the options that were given in brackets into the jail's choice of its filter. */
function overrideFilter(
  jails: ReturnType<typeof loadJails>,
  jail: string,
  options: ReadonlyMap<string, string>,
): void {
  const chosen = jails.get(jail, "filter");
  if (options.size === 0 || typeof chosen !== "string" || chosen === "") return;
  const { name, options: own } = parseNameWithOptions(chosen);
  const list = [...new Map([...own, ...options])].map(([option, value]) => `${option}=${quoted(value)}`);
  const { file = "", line = 0 } = jails.raw(jail, "filter") ?? {};
  jails.set(jail, "filter", `${name}[${list.join(", ")}]`.replaceAll("%", "%%"), { file, line });
}

function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

function findFilter(name: string, options: ReadonlyMap<string, string>, lookUp: LookUp): FilterSource | null {
  const file = findFilterFile(name, lookUp.config);
  if (file === null) return null;
  const folder = dirname(file);
  const isOfTree = basename(folder) === "filter.d";
  const stem = file.replace(CONFIG_FILE, "");
  const base = isOfTree ? dirname(folder) : folder;
  const files = isOfTree ? diskFiles : loneFile(file, `${stem}.conf`);
  const tree = new ConfigTree(base, lookUp.hub, files);
  const filterName = isOfTree ? basename(stem) : stem;
  const definition = readFilter(tree, filterName, { parameters: options });
  if (!definition) return null;
  const announcement = [
    isOfTree ? `Use      filter file : ${filterName}, basedir: ${base}` : `Use      filter file : ${file}`,
  ];
  if (options.size > 0) announcement.push(`Use   filter options : ${repr(new Map(options))}`);
  if (lookUp.verbosity > 1) {
    announcement.push(`Real  filter options : ${repr(realOptions(tree, filterName, options))}`);
  }
  return sourceOf(definition.options, announcement);
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
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A file system in which a filter stands alone: no files beside it change it. */
function loneFile(file: string, shownAs: string): FileAccess {
  const isOther = (path: string) => path !== shownAs && stemOf(path) === stemOf(shownAs);
  return {
    read: (path) => diskFiles.read(path === shownAs ? file : path),
    stat: (path) => (isOther(path) ? undefined : diskFiles.stat(path === shownAs ? file : path)),
    exists: (path) => !isOther(path) && diskFiles.exists(path === shownAs ? file : path),
    list: (directory) => (directory === `${stemOf(shownAs)}.d` ? [] : diskFiles.list(directory)),
  };
}

function stemOf(path: string): string {
  return path.replace(CONFIG_FILE, "");
}

/** The parameters in force, with the values that the file itself gives them. */
function realOptions(
  tree: ConfigTree,
  name: string,
  options: ReadonlyMap<string, string>,
): Map<string, string | null> {
  const config = loadFilter(tree, name);
  const real = new Map<string, string | null>();
  if (!options.has("logtype") && !config?.own("Definition")?.has("logtype")) real.set("logtype", "file");
  for (const [option, value] of options) real.set(option, value);
  for (const option of config?.own("Init")?.keys() ?? []) {
    const value = config?.get("Init", option);
    const text = value === undefined || value === null ? null : String(value);
    real.set(`known/${option}`, text);
    if (!options.has(option)) real.set(option, text);
  }
  return real;
}

function withoutNulls(options: ReadonlyMap<string, OptionValue>): [string, OptionValue][] {
  return [...options].filter(([, value]) => value !== null);
}

function sourceOf(values: ReadonlyMap<string, OptionValue>, announcement: readonly string[]): FilterSource {
  const text = (name: string) => {
    const value = values.get(name);
    return typeof value === "string" && value !== "" ? value : null;
  };
  const maxLines = Number(values.get("maxlines") ?? Number.NaN);
  return {
    announcement,
    useDns: text("usedns"),
    prefRegex: text("prefregex"),
    failRegexes: nonEmptyLines(values.get("failregex")),
    ignoreRegexes: nonEmptyLines(values.get("ignoreregex")),
    maxLines: Number.isNaN(maxLines) ? null : maxLines,
    datePattern: text("datepattern"),
    logTimeZone: text("logtimezone"),
  };
}
