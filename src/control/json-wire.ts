import { formatFloat, str } from "../pyvalue/repr.ts";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";

/**
 * The line form of the protocol, for programs that speak no pickle. A request is one line
 * `{"command": ["status", "sshd"]}`; the answer is one line, `{"ok": true, "result": ...}` or
 * `{"ok": false, "error": {"class": "UnknownJailException", "message": "sshd", "args": ["sshd"]}}`.
 *
 * Tuples and sets become arrays, dictionaries objects, bytes text of one character for each byte. Floats always
 * have a point or an exponent (`3600.0`), integers never.
 */
export function readJsonRequest(line: Buffer): PyValue {
  let request: PyValue;
  try {
    request = JSON.parse(line.toString("utf8"), revive);
  } catch (error) {
    throw new SyntaxError(`request is no JSON: ${(error as Error).message}`);
  }
  const command = request instanceof Map ? request.get("command") : undefined;
  if (!Array.isArray(command)) throw new SyntaxError('request has no list "command"');
  return command;
}

/** Answer to a command that succeeded, newline included. */
export function writeJsonResult(result: PyValue): Buffer {
  return line({ ok: true, result: toJson(result) });
}

/** Answer to a command that failed, newline included. */
export function writeJsonError(error: PyError): Buffer {
  const args = error.args.map(toJson);
  return line({ ok: false, error: { class: error.className, message: str(error), args } });
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
