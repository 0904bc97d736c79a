import assert from "node:assert/strict";
import { test } from "node:test";
import { lint } from "./lint.ts";

function remarksOn(failregex: string): string[] {
  return lint({ prefregex: undefined, failregex: [failregex], ignoreregex: [] });
}

test("an expression that backtracks without bound is shown with a line that does it", () => {
  const [remark] = remarksOn("^(?=(?:a+)+$)a+ from <ADDR>$");
  assert.match(
    remark ?? "",
    /^failregex 1: takes more than 100 ms for a line of \d+ characters: \d\d times "a"/,
  );
});

test("an address that a stranger can write is shown", () => {
  const [remark] = remarksOn("^Failed login for .*? from <ADDR>");
  assert.match(remark ?? "", /stranger writes for the address.*203\.0\.113\.66/);
});

test("a fixed text is missed", () => {
  assert.match(remarksOn("^\\S+ <ADDR>$")[0] ?? "", /no fixed text/);
});

test("there is nothing to say of a careful expression", () => {
  assert.deepEqual(remarksOn("^Failed login for \\S+ from <ADDR> port \\d+$"), []);
});

test("an expression that is not valid is remarked", () => {
  assert.match(remarksOn("^a( <ADDR>")[0] ?? "", /^failregex 1: Unable to compile/);
});

test("what the system's logger writes before all words is no stranger's", () => {
  assert.deepEqual(remarksOn("^(?:<[^.]+\\.[^.]+> )?Login failed from <ADDR>$"), []);
  assert.match(remarksOn("^<[^.]+\\.[^.]+> Login failed from <ADDR>")[0] ?? "", /stranger/);
});
