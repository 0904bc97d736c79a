import assert from "node:assert/strict";
import { test } from "node:test";
import { RegexError } from "./regex-error.ts";
import { sharedExpression } from "./shared-expressions.ts";

test("what is made of the same is the same", () => {
  const options = { useDns: "no", multiline: false } as const;
  const one = sharedExpression("^from <HOST>$", options);
  assert.equal(sharedExpression("^from <HOST>$", options), one);
  assert.notEqual(sharedExpression("^from <HOST>$", { ...options, useDns: "warn" }), one);
  assert.notEqual(sharedExpression("^from <HOST>$", { ...options, multiline: true }), one);
  assert.notEqual(sharedExpression("^by <HOST>$", options), one);
});

test("an invalid expression is invalid each time", () => {
  for (let i = 0; i < 2; i++) {
    assert.throws(() => sharedExpression("(", { useDns: "no", multiline: false }), RegexError);
  }
});
