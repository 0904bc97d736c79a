import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "./value.ts";

/** Name of the type that the value has in Python, as its error texts show it. */
export function typeName(value: PyValue): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (typeof value === "number" || typeof value === "bigint") return "int";
  if (value instanceof PyFloat) return "float";
  if (value instanceof PyBytes) return "bytes";
  if (value instanceof PyTuple) return "tuple";
  if (value instanceof Set) return "set";
  if (value instanceof Map) return "dict";
  return value instanceof PyError ? value.className : "list";
}
