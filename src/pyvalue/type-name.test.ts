import assert from "node:assert/strict";
import { test } from "node:test";
import { typeName } from "./type-name.ts";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "./value.ts";

test("values have the names of Python's types", () => {
  const named: [PyValue, string][] = [
    [null, "NoneType"],
    [true, "bool"],
    ["", "str"],
    [1, "int"],
    [10n ** 20n, "int"],
    [new PyFloat(1), "float"],
    [new PyBytes(new Uint8Array()), "bytes"],
    [new PyTuple(), "tuple"],
    [new Set(), "set"],
    [new Map(), "dict"],
    [[], "list"],
    [new PyError("builtins", "ValueError", []), "ValueError"],
  ];
  for (const [value, name] of named) assert.equal(typeName(value), name);
});
