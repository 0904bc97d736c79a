import { formatFloat, str } from "../pyvalue/repr.ts";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { fromExactJson, toExactJson } from "./exact-json.ts";

/**
 * A request in the line form of the protocol: `{"command": ["status", "sshd"]}`, answered by one line,
 * `{"ok": true, "result": ...}` or
 * `{"ok": false, "error": {"module": "builtins", "class": "ValueError", "message": "x", "args": ["x"]}}`.
 *
 * Values are as they are at home in JSON: tuples and sets become arrays, dictionaries objects, bytes text of one
 * character for each byte. Floats always have a point or an exponent (`3600.0`), integers never. With the member
 * `"exact": true` command and answer are of the form of `exact-json.ts` instead, in which nothing is lost.
 */
export interface JsonRequest {
  readonly command: readonly PyValue[];
  readonly exact: boolean;
}

/** The message of the error that answers every request while the server goes down. */
export const SHUTDOWN = "SHUTDOWN";

/** Reads a request, given without its newline. @throws SyntaxError when it is none */
export function readJsonRequest(line: Buffer): JsonRequest {
  const text = line.toString("utf8");
  let request: { readonly command?: unknown; readonly exact?: unknown };
  try {
    request = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`request is no JSON: ${(error as Error).message}`);
  }
  const exact = request.exact === true;
  const command = exact ? fromExactJson(request.command) : JSON.parse(text, revive).get("command");
  if (!Array.isArray(command)) throw new SyntaxError('request has no list "command"');
  return { command, exact };
}

/** A request in exact form, newline included. */
export function writeJsonRequest(command: PyValue): Buffer {
  return line({ command: toExactJson(command), exact: true });
}

/** Answer to a command that succeeded, newline included. */
export function writeJsonResult(result: PyValue, exact = false): Buffer {
  return line({ ok: true, result: exact ? toExactJson(result) : toJson(result) });
}

/** Answer to a command that failed, newline included. */
export function writeJsonError(error: PyError, exact = false): Buffer {
  const { module, className, args } = error;
  const written = args.map(exact ? toExactJson : toJson);
  return line({ ok: false, error: { module, class: className, message: str(error), args: written } });
}

/**
 * The result in an answer of exact form, given without its newline.
 *
 * @throws PyError when the command failed
 * @throws SyntaxError when it is no answer
 */
export function readJsonAnswer(bytes: Buffer): PyValue {
  const answer = JSON.parse(bytes.toString("utf8"));
  if (answer.ok === true) return fromExactJson(answer.result);
  const { module, class: className, args } = answer.error;
  throw fromExactJson({ error: [module, className, ...args] });
}

function line(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`, "utf8");
}

function revive(_key: string, value: unknown, context?: { source?: string }): PyValue {
  if (typeof value === "number") {
    const source = context?.source ?? String(value);
    if (/[.eE]/.test(source)) return new PyFloat(value);
    return Number.isSafeInteger(value) ? value : BigInt(source);
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return new Map(Object.entries(value as Record<string, PyValue>));
  }
  return value as PyValue;
}

/** The value as `JSON.stringify` takes it. */
export function toJson(value: PyValue): unknown {
  if (value instanceof PyFloat) return Number.isFinite(value.value) ? raw(formatFloat(value.value)) : null;
  if (typeof value === "bigint") return raw(value.toString());
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof PyTuple) return value.items.map(toJson);
  if (value instanceof Set) return [...value].map(toJson);
  if (value instanceof PyBytes) return Buffer.from(value.bytes).toString("latin1");
  if (value instanceof PyError) return str(value);
  if (value instanceof Map) {
    // `fromEntries` defines properties, so a key `__proto__` is a key like any other.
    return Object.fromEntries([...value].map(([key, item]) => [str(key), toJson(item)]));
  }
  return value;
}

/** Writes a number exactly as given. TypeScript's library does not know the function yet. */
const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
