import { posix } from "node:path";
import type { PyValue } from "../pyvalue/value.ts";
import type { OptionTable } from "./convert.ts";
import { Definition, type DefinitionKind, type GivenValues } from "./definition.ts";
import type { OptionValue } from "./section-options.ts";
import type { ConfigTree } from "./tree.ts";

/** The options of an action that mean something to the server. */
export const ACTION_OPTIONS: OptionTable = new Map([
  ["actionstart", "string"],
  ["actionstart_on_demand", "bool"],
  ["actionstop", "string"],
  ["actionflush", "string"],
  ["actionreload", "string"],
  ["actioncheck", "string"],
  ["actionrepair", "string"],
  ["actionrepair_on_unban", "bool"],
  ["actionban", "string"],
  ["actionprolong", "string"],
  ["actionrenew", "string"],
  ["actionreban", "string"],
  ["actionunban", "string"],
  ["norestored", "bool"],
]);

const ACTION_KIND: DefinitionKind = {
  table: ACTION_OPTIONS,
  runtimeTags: new Set(["matches", "ipmatches", "ipjailmatches", "timeout", "bantime", "kerneltimeout"]),
  initIsVisible: false,
  templates: new WeakMap(),
};

/** Actions that are modules: of ours in JavaScript or TypeScript, or Python scripts of the reference. */
const MODULE = /\.(?:py|js|mjs|ts)$/;

/** The action a jail asks for. */
export interface ActionRequest {
  readonly jail: string;
  /** Name of the action's files, or of a module, which has an ending. */
  readonly name: string;
  /** Options in brackets. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Options of the jail. */
  readonly jailOptions: GivenValues;
}

/**
 * The commands that create one action in a jail.
 *
 * @returns `undefined` if there are no files of that name; the reason has been logged
 * @throws {ConfigError} syntax errors, references that cannot be resolved
 */
export function actionCommands(tree: ConfigTree, request: ActionRequest): PyValue[][] | undefined {
  if (MODULE.test(request.name)) return [moduleCommand(tree, request)];
  const config = tree.load(actionPath(request.name));
  if (config === undefined) return undefined;
  const parameters = withNames(request);
  const definition = new Definition(config, ACTION_KIND, parameters, tree.log.logger("configreader"));
  definition.read(request.jailOptions, false);
  return definitionCommands(request.jail, parameters.get("actname") ?? "", definition);
}

/** The configuration name of an action. */
export function actionPath(name: string): string {
  return name.startsWith("./") || posix.isAbsolute(name) ? name : `action.d/${name}`;
}

/** The parameters, completed by the name of the jail and the name of the action in it. */
function withNames({ jail, name, parameters }: ActionRequest): Map<string, string> {
  const all = new Map(parameters);
  if (!all.has("name")) all.set("name", jail);
  const given = all.get("name") ?? "";
  const suffix = given === jail ? "" : given.startsWith(jail) ? given.slice(jail.length) : `-${given}`;
  if (!all.has("actname")) all.set("actname", name + suffix);
  return all;
}

function definitionCommands(jail: string, actname: string, definition: Definition): PyValue[][] {
  const pairs: [string, OptionValue][] = [];
  for (const [name, value] of definition.combine()) {
    if (ACTION_OPTIONS.has(name)) pairs.push([name, value]);
  }
  for (const [name, value] of definition.values) {
    if (!ACTION_OPTIONS.has(name) && !name.startsWith("known/")) pairs.push([name, value]);
  }
  const [first] = pairs;
  const add: PyValue[] = ["set", jail, "addaction", actname];
  if (first === undefined) return [add];
  if (pairs.length === 1) return [add, ["set", jail, "action", actname, ...first]];
  return [add, ["multi-set", jail, "action", actname, pairs]];
}

function moduleCommand(tree: ConfigTree, { jail, name, parameters }: ActionRequest): PyValue[] {
  const { actname = name.replace(MODULE, ""), ...options } = Object.fromEntries(parameters);
  return ["set", jail, "addaction", actname, posix.resolve(tree.base, "action.d", name), json(options)];
}

/** JSON of a flat object with blanks after separators and nothing beyond ASCII. */
function json(options: Readonly<Record<string, string>>): string {
  const quote = (text: string) => {
    return JSON.stringify(text).replace(
      /[^\x00-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  };
  const members = Object.entries(options).map(([name, value]) => `${quote(name)}: ${quote(value)}`);
  return `{${members.join(", ")}}`;
}
