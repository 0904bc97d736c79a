import { callMethod, METHOD_NAMES } from "../enforce/action-methods.ts";
import { CommandAction } from "../enforce/command-action.ts";
import type { ModuleAction } from "../enforce/module-action.ts";
import type { Jail } from "../jail/jail.ts";
import { typeError } from "../pyvalue/errors.ts";
import { str } from "../pyvalue/repr.ts";
import { typeName } from "../pyvalue/type-name.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { text, word } from "./arguments.ts";
import { fromJson, toPlain } from "./json-values.ts";
import type { Role } from "./role.ts";

/** Commands on the actions of one jail. */

/** How a command was given. */
export interface ActionCommandContext {
  /** `multi-set`: properties come as a list of pairs. */
  readonly several: boolean;
  /** Within a stream: nothing is read back, methods are not called. */
  readonly quiet: boolean;
}

/** Whether `set JAIL NAME …` changes actions. */
export function isActionCommand(name: string): boolean {
  return name === "addaction" || name === "delaction" || name === "action";
}

/** The questions about actions. Properties may be passwords and keys of services: they are for administrators. */
const QUERIES: Readonly<Record<string, Role>> = {
  actions: "read",
  actionproperties: "read",
  actionmethods: "read",
  action: "admin",
};

/** Whether `get JAIL NAME` reads actions. */
export function isActionQuery(name: string): boolean {
  return Object.hasOwn(QUERIES, name);
}

/** The role that `get JAIL NAME …` needs where {@link isActionQuery}. */
export function roleOfQuery(name: string): Role {
  return QUERIES[name] ?? "admin";
}

/**
 * Executes `get JAIL actions|action|actionproperties|actionmethods …`.
 *
 * @param find looks the jail up; throws when there is none
 */
export function actionQuery(find: () => Jail, name: string, words: readonly PyValue[]): PyValue {
  if (name === "actions") return find().actions.names();
  const which = text(words, 0);
  if (name === "action") {
    const property = text(words, 1);
    return actionNamed(find(), which).get(property);
  }
  const action = actionNamed(find(), which);
  return name === "actionproperties" ? [...action.propertyNames] : [...methodNames(action)];
}

/** Executes `set JAIL addaction|delaction|action …`. */
export async function actionCommand(
  jail: Jail,
  name: string,
  words: readonly PyValue[],
  context: ActionCommandContext,
): Promise<PyValue> {
  const which = text(words, 0);
  if (name === "addaction") {
    await addAction(jail, which, words);
    return which;
  }
  if (name === "delaction") {
    jail.actions.delete(which);
    return null;
  }
  const action = actionNamed(jail, which);
  if (!context.several) return setOne(jail, action, words.slice(1), context.quiet);
  for (const pair of asPairs(word(words, 1))) await setOne(jail, action, pair, context.quiet);
  return true;
}

async function addAction(jail: Jail, name: string, words: readonly PyValue[]): Promise<void> {
  if (words.length > 1) {
    const options = toPlain(fromJson(text(words, 2)));
    await jail.actionMaker.addModule(name, text(words, 1), options as Record<string, unknown>);
  } else jail.actionMaker.addCommands(name);
}

/** `PROPERTY VALUE` sets a property; `METHOD [JSON]` calls a method. */
async function setOne(
  jail: Jail,
  action: CommandAction | ModuleAction,
  words: readonly PyValue[],
  quiet: boolean,
): Promise<PyValue> {
  const name = text(words, 0);
  if (methodNames(action).includes(name)) {
    if (quiet) return null;
    return jail.actions.inTurn(action.name, () => call(action, name, words));
  }
  action.set(name, word(words, 1));
  return quiet ? null : action.get(name);
}

function call(
  action: CommandAction | ModuleAction,
  name: string,
  words: readonly PyValue[],
): Promise<PyValue> {
  const args = fromJson(words.length > 1 ? text(words, 1) : "{}");
  if (!(args instanceof Map)) {
    throw typeError(`${name}() argument after ** must be a mapping, not ${typeName(args)}`);
  }
  if (action instanceof CommandAction) {
    return callMethod(action, name, new Map([...args].map(([key, value]) => [str(key), value])));
  }
  return action.call(name, toPlain(args) as Record<string, unknown>);
}

function methodNames(action: CommandAction | ModuleAction): readonly string[] {
  return action instanceof CommandAction ? METHOD_NAMES : action.methodNames;
}

function actionNamed(jail: Jail, name: string): CommandAction | ModuleAction {
  return jail.actions.get(name) as CommandAction | ModuleAction;
}

function asPairs(value: PyValue): PyValue[][] {
  if (Array.isArray(value)) return value.filter((pair) => Array.isArray(pair));
  throw typeError("a list of pairs is expected");
}
