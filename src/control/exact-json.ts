import { formatFloat } from "../pyvalue/repr.ts";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";

/*
 * Values in JSON that come out as they went in. What JSON has itself stands for itself: null, truth values, texts,
 * lists, and integers that a double holds. All else is an object of one member that names its kind:
 *
 *   {"tuple": […]}  {"set": […]}  {"dict": [[key, value], …]}  {"float": "3600.0"}  {"int": "18446744073709551616"}
 *   {"bytes": "00ff"}  {"error": [module, class, argument, …]}
 */

/** Digits of an integer that is read: as many as Python takes. */
const MOST_DIGITS = 4300;
const INTEGER = new RegExp(String.raw`^-?\d{1,${MOST_DIGITS}}$`);
const HEX = /^(?:[\da-f]{2})*$/;

/** The value as `JSON.stringify` takes it. */
export function toExactJson(value: PyValue): unknown {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) ? value : { int: BigInt(value).toString() };
    case "bigint":
      return { int: value.toString() };
    case "object":
      return value === null ? null : ofObject(value);
    default:
      return value;
  }
}

function ofObject(value: Exclude<PyValue, null | boolean | number | bigint | string>): unknown {
  if (Array.isArray(value)) return isPlain(value) ? value : value.map(toExactJson);
  if (value instanceof PyTuple) return { tuple: value.items.map(toExactJson) };
  if (value instanceof Map) return { dict: Array.from(value, (entry) => entry.map(toExactJson)) };
  if (value instanceof Set) return { set: Array.from(value, toExactJson) };
  if (value instanceof PyFloat) return { float: formatFloat(value.value) };
  if (value instanceof PyBytes) return { bytes: Buffer.from(value.bytes).toString("hex") };
  return { error: [value.module, value.className, ...value.args.map(toExactJson)] };
}

/** Whether a list holds nothing but texts, as long ones do. */
function isPlain(list: readonly unknown[]): boolean {
  return list.every((item) => typeof item === "string");
}

/**
 * The value that {@link toExactJson} made this of.
 *
 * @throws SyntaxError when it is none of that
 */
export function fromExactJson(json: unknown): PyValue {
  if (typeof json === "number" && !Number.isSafeInteger(json)) {
    throw new SyntaxError(`the number ${json} must be written as {"float": …} or {"int": …}`);
  }
  if (typeof json !== "object" || json === null) return json as PyValue;
  if (Array.isArray(json)) return isPlain(json) ? json : json.map(fromExactJson);
  const [member, surplus] = Object.entries(json);
  if (member === undefined || surplus !== undefined) {
    throw new SyntaxError("an object must have one member, which names the kind of value");
  }
  return tagged(...member);
}

function tagged(kind: string, content: unknown): PyValue {
  switch (kind) {
    case "tuple":
      return new PyTuple(...listOf(kind, content));
    case "set":
      return new Set(listOf(kind, content));
    case "dict":
      return new Map(listOf(kind, content).map(entryOf));
    case "float":
      return new PyFloat(floatOf(content));
    case "int":
      if (typeof content === "string" && INTEGER.test(content)) return integerOf(content);
      break;
    case "bytes":
      if (typeof content === "string" && HEX.test(content)) return new PyBytes(Buffer.from(content, "hex"));
      break;
    case "error": {
      const [module, className, ...args] = listOf(kind, content);
      if (typeof module === "string" && typeof className === "string")
        return new PyError(module, className, args);
      break;
    }
    default:
      throw new SyntaxError(`unknown kind of value "${kind}"`);
  }
  throw new SyntaxError(`no content of a value of the kind "${kind}"`);
}

function listOf(kind: string, content: unknown): PyValue[] {
  if (!Array.isArray(content)) throw new SyntaxError(`the content of "${kind}" must be a list`);
  return content.map(fromExactJson);
}

function entryOf(entry: PyValue): [PyValue, PyValue] {
  const [key, value, surplus] = Array.isArray(entry) ? entry : [];
  if (key === undefined || value === undefined || surplus !== undefined) {
    throw new SyntaxError('entries of "dict" are lists of key and value');
  }
  return [key, value];
}

function integerOf(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

const SPECIAL: ReadonlyMap<unknown, number> = new Map([
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["nan", Number.NaN],
]);

function floatOf(text: unknown): number {
  const special = SPECIAL.get(text);
  if (special !== undefined) return special;
  const value = typeof text === "string" && text.trim() !== "" ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new SyntaxError(`no float: ${JSON.stringify(text)}`);
  return value;
}
