import { toJson } from "../control/json-wire.ts";
import { str } from "../pyvalue/repr.ts";
import { type PyError, PyTuple, type PyValue } from "../pyvalue/value.ts";

/** Words that begin commands which only ask, and those of ours for which `--json` can mean nothing else. */
const QUESTIONS: ReadonlySet<string> = new Set([
  "ban",
  "banned",
  "get",
  "history",
  "ping",
  "problems",
  "profile",
  "search",
  "server-status",
  "stats",
  "statistic",
  "statistics",
  "status",
  "unban",
  "version",
  "why",
]);

/**
 * Takes `--json` off the end of a command that asks for something. Others keep it: it could be meant for them.
 *
 * @returns the command, and whether the answer is to be JSON
 */
export function takeJson(command: readonly string[]): { words: readonly string[]; json: boolean } {
  const json = command.length > 1 && command.at(-1) === "--json" && QUESTIONS.has(command[0] ?? "");
  return { words: json ? command.slice(0, -1) : command, json };
}

/**
 * An answer as JSON of two blanks' indentation: lists of labelled values, of which a status is made, become
 * objects; tables of statistics get names for their columns.
 */
export function answerAsJson(command: readonly PyValue[], answer: PyValue): string {
  const [word, , flavor] = command.map((one) => str(one));
  const isSources = word === "status" && flavor === "sources";
  const isTable = answer instanceof Map && /^(?:stat|status$)/.test(word ?? "");
  let shaped: PyValue;
  if (isSources) shaped = answer;
  else if (isTable) shaped = new Map([...answer].map(([jail, stats]) => [jail, columns(stats)]));
  else if (word === "status") shaped = flavor === "stats" ? columns(answer) : labelled(answer);
  else if (word === "banned" && Array.isArray(answer)) shaped = merged(answer);
  else shaped = answer;
  return JSON.stringify(toJson(shaped), null, 2);
}

/** A refusal as JSON: `{"error": {"class": …, "message": …}}`. */
export function errorAsJson(error: PyError): string {
  return JSON.stringify({ error: { class: error.className, message: str(error) } }, null, 2);
}

/** `[(label, value), …]` as a dictionary, however deep; the dictionary of jails in it as its member `Jails`. */
function labelled(value: PyValue): PyValue {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isMember)) return value;
  const members = new Map<PyValue, PyValue>();
  for (const item of value) {
    if (item instanceof PyTuple) members.set(item.items[0]!, labelled(item.items[1] ?? null));
    else if (item instanceof Map) {
      members.set("Jails", new Map([...item].map(([jail, status]) => [jail, labelled(status)])));
    }
  }
  const list = members.get("Jail list");
  if (typeof list === "string") members.set("Jail list", list === "" ? [] : list.split(", "));
  return members;
}

function isMember(item: PyValue): boolean {
  return item instanceof Map || (item instanceof PyTuple && typeof item.items[0] === "string");
}

/** `[backend, (failed, total), (banned, total)]` */
function columns(stats: PyValue): PyValue {
  if (!Array.isArray(stats)) return stats;
  const [backend, failed, banned] = stats;
  const pair = (value: PyValue | undefined) => {
    const items = value instanceof PyTuple ? value.items : [];
    return new Map<PyValue, PyValue>([
      ["current", items[0] ?? null],
      ["total", items[1] ?? null],
    ]);
  };
  return new Map<PyValue, PyValue>([
    ["backend", backend ?? null],
    ["failed", pair(failed)],
    ["banned", pair(banned)],
  ]);
}

/** A list of dictionaries with one jail each as one dictionary. */
function merged(list: readonly PyValue[]): PyValue {
  if (!list.every((item) => item instanceof Map)) return [...list];
  return new Map(list.flatMap((item) => [...(item as Map<PyValue, PyValue>)]));
}
