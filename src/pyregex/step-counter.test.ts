import assert from "node:assert/strict";
import { test } from "node:test";
import { StepCounter } from "./step-counter.ts";

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

function steps(pattern: string, text: string): number {
  return new StepCounter(pattern, FLAGS, 1_000_000).count(text);
}

test("steps grow with the text as a backtracking matcher's do", () => {
  const line = (length: number) => `${"a".repeat(length)}!`;
  const growth = (pattern: string) => steps(pattern, line(400)) / steps(pattern, line(200));
  assert.ok(growth("^a+b") < 2.2, "in step with it");
  assert.ok(growth("a+b") > 3.5, "with its square");
  assert.equal(steps("^(?:a+)+b", line(10)) * 2 < steps("^(?:a+)+b", line(12)), true, "without bound");
});

test("counting ends at the limit", () => {
  assert.equal(steps("^(?:a+)+b", `${"a".repeat(60)}!`), 1_000_000);
});

test("a match ends the search", () => {
  assert.ok(steps("a", `a${"b".repeat(1000)}`) < 10);
});
