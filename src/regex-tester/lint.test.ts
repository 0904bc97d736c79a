import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { lint } from "./lint.ts";

// As the programs do first of all.
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");

function remarksOn(failregex: string): string[] {
  return lint({ prefregex: undefined, failregex: [failregex], ignoreregex: [] });
}

test("an expression that backtracks without bound is shown with its steps and a line that takes them", () => {
  const [givenUp] = remarksOn("^(?=(?:a+)+$)a+ from <ADDR>$");
  assert.match(
    givenUp ?? "",
    /^failregex 1: backtracks without bound, 2,000,000 steps or more for a line of 47 characters: 31 times "a".*fail2ban-ts gives such lines up/,
  );
});

test("so is one that is matched in linear time here", () => {
  for (const regex of ["^(?:a+)+ <ADDR>", "^user (?:a|a)*b <ADDR>", "(?:\\w+\\s?)*: bad <ADDR>"]) {
    const [saved] = remarksOn(regex);
    assert.match(saved ?? "", /^failregex 1: backtracks without bound, .* 30 times "a"/, regex);
    assert.match(saved ?? "", /goes over to matching them in linear time, fail2ban does not$/, regex);
  }
});

test("steps that grow with the third power of a line's length are too many, those with its square are usual", () => {
  assert.match(
    remarksOn("^\\s*\\s*\\s*bad <ADDR>$")[0] ?? "",
    /^failregex 1: takes [78] times as many steps for a line twice as long, [\d,]+ for a line of \d+ characters: \d+ times " "/,
  );
  assert.deepEqual(remarksOn("^\\s*\\s*bad <ADDR>$"), []);
});

test("an expression that may begin anywhere is shown with a line in which somebody else wrote what it looks for", () => {
  const [remark] = remarksOn("Failed login from <ADDR>$");
  assert.match(
    remark ?? "",
    /^failregex 1: is not tied to the begin of the line.*"x x Failed login from 203\.0\.113\.66"$/,
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

test("an expression that names nobody is remarked, unless the prefregex does", () => {
  assert.deepEqual(remarksOn("^Failed login$"), [
    "failregex 1: names nobody; write <HOST>, <ADDR> or <F-ID>",
  ]);
  const prefregex = "^from <ADDR>: <F-CONTENT>.+</F-CONTENT>$";
  assert.deepEqual(lint({ prefregex, failregex: ["^Failed login$"], ignoreregex: [] }), []);
});
