import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../src/pyvalue/value.ts";

/** A value of the golden exchanges, written as JSON with markers for what JSON cannot tell apart. */
export type GoldenValue =
  | null
  | boolean
  | number
  | string
  | GoldenValue[]
  | { tuple: GoldenValue[] }
  | { set: GoldenValue[] }
  | { dict: [GoldenValue, GoldenValue][] }
  | { float: number }
  | { bytes_hex: string }
  | { object: string; text: string }
  | { exception: string; args: GoldenValue[] };

/** The value that a golden one stands for. */
export function fromGolden(golden: GoldenValue): PyValue {
  if (golden === null || typeof golden !== "object") return golden;
  if (Array.isArray(golden)) return golden.map(fromGolden);
  if ("tuple" in golden) return new PyTuple(...golden.tuple.map(fromGolden));
  if ("set" in golden) return new Set(golden.set.map(fromGolden));
  if ("dict" in golden) return new Map(golden.dict.map(([k, v]) => [fromGolden(k), fromGolden(v)]));
  if ("float" in golden) return new PyFloat(golden.float);
  if ("bytes_hex" in golden) return new PyBytes(Buffer.from(golden.bytes_hex, "hex"));
  // An object that only the reference has; its text is what others send instead.
  if ("object" in golden) return golden.text;
  const dot = golden.exception.lastIndexOf(".");
  return new PyError(
    golden.exception.slice(0, dot),
    golden.exception.slice(dot + 1),
    golden.args.map(fromGolden),
  );
}
