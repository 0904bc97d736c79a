import { Identifier } from "../net/identifier.ts";
import { typeError } from "../pyvalue/errors.ts";
import { str } from "../pyvalue/repr.ts";
import { PyFloat, type PyValue, toNumber } from "../pyvalue/value.ts";
import { type BanInfo, captureKey, type TagText } from "./ban-info.ts";
import type { CommandAction } from "./command-action.ts";
import { CommandTemplate, type ShellCommand } from "./dynamic-tags.ts";
import { escapeTag, replaceStaticTags, resolveTable } from "./static-tags.ts";

/** Arguments by name, as the JSON object of a command gives them. */
export type MethodArguments = ReadonlyMap<string, PyValue>;

interface Method {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  call(action: CommandAction, args: MethodArguments): Promise<PyValue>;
}

/** The methods of a command action that `set JAIL action ACTION METHOD [JSON]` calls. */
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["ban", ofBan((action, info) => action.ban(info))],
  ["clearAllParams", simple(async (action) => action.clearAllParams())],
  ["consistencyCheck", simple((action) => action.consistencyCheck())],
  [
    "escapeTag",
    { required: ["value"], optional: [], call: async (_, args) => escapeTag(text(args, "value")) },
  ],
  ["executeCmd", { required: ["realCmd"], optional: ["timeout"], call: executeCommand }],
  ["flush", simple((action) => action.flush())],
  ["invalidateBanEpoch", simple(async (action) => action.invalidateBanEpoch())],
  ["prolong", ofBan((action, info) => action.prolong(info))],
  ["reban", ofBan((action, info) => action.reban(info))],
  ["reload", simple((action) => action.reload().then(done))],
  ["replaceDynamicTags", { required: ["realCmd", "aInfo"], optional: [], call: replaceDynamicTags }],
  ["replaceTag", { required: ["query", "aInfo"], optional: ["conditional"], call: replaceTag }],
  ["start", simple((action) => action.start().then(done))],
  ["stop", simple((action) => action.stop().then(done))],
  ["unban", ofBan((action, info) => action.unban(info))],
]);

/** Names of the methods, sorted, as `get JAIL actionmethods ACTION` answers. */
export const METHOD_NAMES: readonly string[] = [...METHODS.keys()].sort();

/**
 * Calls a method by name. Whoever calls it for a running jail does so in the turn of the action's queue.
 *
 * @throws PyError (`TypeError`) for arguments that the method does not take or lacks; whatever the method throws
 */
export async function callMethod(
  action: CommandAction,
  name: string,
  args: MethodArguments,
): Promise<PyValue> {
  const method = METHODS.get(name);
  if (!method) throw typeError(`'CommandAction' object has no method '${name}'`);
  for (const key of args.keys()) {
    if (method.required.includes(key) || method.optional.includes(key)) continue;
    throw typeError(`CommandAction.${name}() got an unexpected keyword argument '${key}'`);
  }
  const missing = method.required.filter((key) => !args.has(key));
  if (missing.length > 0) {
    const count = `${missing.length} required positional argument${missing.length > 1 ? "s" : ""}`;
    throw typeError(
      `CommandAction.${name}() missing ${count}: ${missing.map((key) => `'${key}'`).join(" and ")}`,
    );
  }
  return method.call(action, args);
}

/** A ban as somebody describes it by hand: `{"ip": "192.0.2.1", "failures": 5, "F-*": {"user": "bob"}}`. */
export function banInfoOf(fields: PyValue): BanInfo {
  if (!(fields instanceof Map)) throw typeError("a ban is described by an object of tags and values");
  const id = Identifier.parse(str(fields.get("ip") ?? fields.get("fid") ?? ""));
  return {
    id,
    family: id.family,
    restored: toNumber(fields.get("restored") ?? 0) > 0,
    value: (tag) => fieldText(fields, id, tag),
  };
}

function fieldText(fields: Map<PyValue, PyValue>, id: Identifier, tag: string): TagText {
  const key = captureKey(tag);
  if (key !== null) {
    const captured = fields.get("F-*");
    return captured instanceof Map ? str(captured.get(key) ?? "") : "";
  }
  const value = fields.get(tag);
  if (value === null) return null;
  if (value !== undefined) return str(value);
  return tag === "family" ? id.family : undefined;
}

function simple(call: (action: CommandAction) => Promise<unknown>): Method {
  return { required: [], optional: [], call: async (action) => ((await call(action)) ?? null) as PyValue };
}

function ofBan(call: (action: CommandAction, info: BanInfo) => Promise<void>): Method {
  return {
    required: ["aInfo"],
    optional: [],
    call: async (action, args) => {
      await call(action, banInfoOf(args.get("aInfo") ?? null));
      return null;
    },
  };
}

function done(): true {
  return true;
}

async function executeCommand(action: CommandAction, args: MethodArguments): Promise<PyValue> {
  const timeout = args.get("timeout");
  const seconds = typeof timeout === "number" || timeout instanceof PyFloat ? toNumber(timeout) : undefined;
  return action.run({ script: text(args, "realCmd"), values: [] }, seconds);
}

async function replaceDynamicTags(_: CommandAction, args: MethodArguments): Promise<PyValue> {
  const template = new CommandTemplate(text(args, "realCmd"));
  return asValue(await template.render(banInfoOf(args.get("aInfo") ?? null)));
}

async function replaceTag(_: CommandAction, args: MethodArguments): Promise<PyValue> {
  const fields = args.get("aInfo");
  const table = new Map<string, PyValue>();
  if (fields instanceof Map) for (const [key, value] of fields) table.set(str(key), value);
  const condition = args.get("conditional");
  const options = typeof condition === "string" && condition ? { condition } : {};
  return replaceStaticTags(text(args, "query"), resolveTable(table, options), options);
}

function asValue(command: ShellCommand): PyValue {
  return command.values.length === 0 ? command.script : [command.script, ...command.values];
}

function text(args: MethodArguments, name: string): string {
  return str(args.get(name) ?? "");
}
