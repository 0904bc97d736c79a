import { posix } from "node:path";
import { repr } from "../pyvalue/repr.ts";
import { ConfigError } from "./config-error.ts";
import type { OptionTable } from "./convert.ts";
import { Definition, type DefinitionKind } from "./definition.ts";
import type { MergedConfig } from "./merged.ts";
import { OptionSyntaxError, parseNameWithOptions } from "./options.ts";
import type { OptionValue } from "./section-options.ts";
import { shellWords } from "./shell-words.ts";
import type { ConfigTree } from "./tree.ts";

/** The options of a filter that mean something to the server. */
export const FILTER_OPTIONS: OptionTable = new Map([
  ["usedns", "string"],
  ["prefregex", "string"],
  ["ignoreregex", "string"],
  ["failregex", "string"],
  ["maxlines", "int"],
  ["datepattern", "string"],
  ["journalmatch", "string"],
]);

const FILTER_KIND: DefinitionKind = { table: FILTER_OPTIONS, runtimeTags: new Set(), initIsVisible: true };

/** A filter with its parameters, files read, nothing evaluated yet; `undefined` if there are no such files. */
export function openFilter(
  tree: ConfigTree,
  name: string,
  parameters: ReadonlyMap<string, string>,
  backend: string,
): Definition | undefined {
  const config = tree.load(filterPath(name));
  if (config === undefined) return undefined;
  const withLogtype = new Map(parameters);
  if (!parameters.get("logtype") && !config.own("Definition")?.has("logtype")) {
    withLogtype.set("logtype", backend.startsWith("systemd") ? "journal" : "file");
  }
  return new Definition(config, FILTER_KIND, withLogtype, tree.log.logger("configreader"));
}

/** The configuration name of a filter. */
export function filterPath(name: string): string {
  return name.startsWith("./") || posix.isAbsolute(name) ? name : `filter.d/${name}`;
}

/** A filter evaluated outside of any jail, as the regex tester uses it. */
export interface FilterDefinition {
  readonly usedns?: string;
  readonly prefregex?: string;
  /** One expression each. */
  readonly failregex: readonly string[];
  readonly ignoreregex: readonly string[];
  readonly maxlines?: number;
  readonly datepattern?: string;
  /** One match each, split into its words. */
  readonly journalmatch: readonly string[][];
  /** Everything that the definition evaluates to, recognised or not, in its order. */
  readonly options: ReadonlyMap<string, OptionValue>;
}

/** How a filter is asked for outside of any jail. */
export interface FilterQuery {
  /** Parameters besides those in brackets, weaker than these. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Decides the default of the parameter `logtype`; `auto` unless given. */
  readonly backend?: string;
}

/**
 * Reads a filter by name, or by path if it is absolute or begins with `./`, with optional parameters in brackets.
 *
 * @returns `undefined` if there are no such files; the reason has been logged
 * @throws {ConfigError} bad bracket syntax, syntax errors in the files, references that cannot be resolved
 */
export function readFilter(
  tree: ConfigTree,
  nameWithOptions: string,
  { parameters = new Map(), backend = "auto" }: FilterQuery = {},
): FilterDefinition | undefined {
  const { name, options } = parseFilterName(nameWithOptions);
  const definition = openFilter(tree, name, new Map([...parameters, ...options]), backend);
  if (definition === undefined) return undefined;
  definition.read([], true);
  return asFilterDefinition(definition.combine());
}

function parseFilterName(text: string): ReturnType<typeof parseNameWithOptions> {
  try {
    return parseNameWithOptions(text);
  } catch (error) {
    if (!(error instanceof OptionSyntaxError)) throw error;
    throw new ConfigError(`Invalid filter definition ${repr(text)}: ${error.message}`, {
      option: "filter",
      value: text,
    });
  }
}

function asFilterDefinition(options: ReadonlyMap<string, OptionValue>): FilterDefinition {
  const text = (name: string) => {
    const value = options.get(name);
    return typeof value === "string" ? { [name]: value } : {};
  };
  const lines = (name: string) => nonEmptyLines(options.get(name));
  const maxlines = options.get("maxlines");
  return {
    ...text("usedns"),
    ...text("prefregex"),
    ...text("datepattern"),
    ...(typeof maxlines === "number" ? { maxlines } : {}),
    failregex: lines("failregex"),
    ignoreregex: lines("ignoreregex"),
    journalmatch: lines("journalmatch").map(shellWords),
    options,
  };
}

/** The lines of a multi-line value; empty ones are dropped. */
export function nonEmptyLines(value: OptionValue | undefined): string[] {
  return typeof value === "string" ? value.split("\n").filter((line) => line !== "") : [];
}

/** The merged files of a filter, for tools that look at more than its values. */
export function loadFilter(tree: ConfigTree, name: string): MergedConfig | undefined {
  return tree.load(filterPath(name));
}
