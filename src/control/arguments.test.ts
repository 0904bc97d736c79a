import assert from "node:assert/strict";
import { test } from "node:test";
import { PyFloat } from "../pyvalue/value.ts";
import { decimal, integer, text, textList, texts, truth } from "./arguments.ts";

test("integers are read as Python reads them", () => {
  assert.equal(integer(" +1_000 "), 1000);
  assert.equal(integer(new PyFloat(2.9)), 2);
  assert.throws(() => integer("1.5"), /invalid literal for int\(\) with base 10: '1.5'/);
  assert.throws(() => integer(null), /invalid literal/);
});

test("decimals, truth words, missing words", () => {
  assert.equal(decimal("0.1"), 0.1);
  assert.throws(() => decimal("abc"), /could not convert string to float: 'abc'/);
  assert.deepEqual(["YES", "on", "1", "True", "enabled", ""].map(truth), [
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  assert.throws(() => text(["get"], 1), /list index out of range/);
  assert.deepEqual(texts(["a", "b", 1], 1), ["b", "1"]);
  assert.deepEqual(textList("ab"), ["a", "b"]);
});
