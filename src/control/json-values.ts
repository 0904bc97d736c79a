import { jsonDecodeError } from "../pyvalue/errors.ts";
import { PyFloat, type PyValue } from "../pyvalue/value.ts";
import { findJsonFault } from "./json-fault.ts";

/** Values that travel as JSON inside of commands: arguments of action methods. */

/**
 * Reads JSON text; objects become `Map`s, numbers with fraction {@link PyFloat}s.
 *
 * @throws {PyError} with the text that administrators know from the reference
 */
export function fromJson(text: string): PyValue {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw jsonDecodeError(findJsonFault(text), text);
  }
  return convert(value);
}

/** The value as plain JavaScript: objects instead of `Map`s, numbers instead of {@link PyFloat}s. */
export function toPlain(value: PyValue): unknown {
  if (value instanceof PyFloat) return value.value;
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), toPlain(item)]));
  }
  return Array.isArray(value) ? value.map(toPlain) : value;
}

function convert(value: unknown): PyValue {
  if (typeof value === "number") return Number.isInteger(value) ? value : new PyFloat(value);
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([key, item]): [PyValue, PyValue] => [key, convert(item)]));
  }
  return value as PyValue;
}
