import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { repr } from "../pyvalue/repr.ts";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { fromExactJson, toExactJson } from "./exact-json.ts";

const through = (value: PyValue) => fromExactJson(JSON.parse(JSON.stringify(toExactJson(value))));

/** Any value that the protocol knows. */
const values = fc.letrec<{ value: PyValue }>((tie) => {
  const many = fc.array(tie("value"), { maxLength: 4 });
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      fc.bigInt().map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
      fc.string({ unit: "binary" }),
      // Bytes of a log that are no UTF-8 travel as lone surrogates.
      fc.string().map((text) => `\udcff${text}`),
      fc.double().map((x) => new PyFloat(x)),
      fc.uint8Array().map((bytes) => new PyBytes(bytes)),
      many,
      many.map((items) => new PyTuple(...items)),
      many.map((items) => new Set(items)),
      fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
      many.map((args) => new PyError("builtins", "ValueError", args)),
    ),
  };
});

test("every value comes out as it went in", () => {
  fc.assert(
    fc.property(values.value, (value) => {
      const back = through(value);
      assert.equal(repr(back), repr(value));
      assert.deepEqual(back, comparable(value));
    }),
  );
});

/** Bytes may be of different classes, and JSON has no negative zero among its integers. */
function comparable(value: PyValue): PyValue {
  if (value === 0) return 0;
  if (value instanceof PyBytes) return new PyBytes(Buffer.from(value.bytes));
  if (Array.isArray(value)) return value.map(comparable);
  if (value instanceof PyTuple) return new PyTuple(...value.items.map(comparable));
  if (value instanceof Set) return new Set([...value].map(comparable));
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [comparable(k), comparable(v)]));
  if (value instanceof PyError) {
    return new PyError(value.module, value.className, value.args.map(comparable));
  }
  return value;
}

test("the form of each kind", () => {
  const shown = (value: PyValue) => JSON.stringify(toExactJson(value));
  assert.equal(shown([null, true, 1, "a", ["b"]]), '[null,true,1,"a",["b"]]');
  assert.equal(shown(new PyTuple("a", 1)), '{"tuple":["a",1]}');
  assert.equal(
    shown(new Map<PyValue, PyValue>([["a", new PyFloat(3600)]])),
    '{"dict":[["a",{"float":"3600.0"}]]}',
  );
  assert.equal(shown(new Set(["a"])), '{"set":["a"]}');
  assert.equal(shown(2n ** 64n), '{"int":"18446744073709551616"}');
  assert.equal(shown(new PyBytes(Uint8Array.of(0, 255))), '{"bytes":"00ff"}');
  assert.equal(shown(new PyError("m", "E", ["x"])), '{"error":["m","E","x"]}');
});

test("what is no value is refused", () => {
  const wrong: unknown[] = [
    ...[1.5, 1e300, {}, { tuple: [], set: [] }, { tuple: 1 }, { list: [] }, { constructor: [] }],
    ...[
      { dict: [["a"]] },
      { dict: [["a", 1, 2]] },
      { dict: ["ab"] },
      { dict: [["a", 1.5]] },
      { float: 1 },
      { float: "" },
      { float: "x" },
    ],
    ...[{ float: "constructor" }, { int: 1 }, { int: "1e9" }, { int: "9".repeat(5000) }, { bytes: "0" }],
    ...[{ error: ["m"] }, { error: [1, "E"] }, [{ tuple: [{ set: null }] }]],
  ];
  for (const json of wrong) assert.throws(() => fromExactJson(json), SyntaxError, JSON.stringify(json));
});

test("whatever JSON there is, it is a value or refused", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      try {
        repr(fromExactJson(json));
      } catch (error) {
        assert.ok(error instanceof SyntaxError, String(error));
      }
    }),
  );
});
