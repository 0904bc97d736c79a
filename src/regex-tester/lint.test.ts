import assert from "node:assert/strict";
import { describe, test } from "node:test";
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

test("an address behind the right one is shown where anything may stand there", () => {
  const [remark] = remarksOn("^bad user <F-USER>.*</F-USER> from <HOST>");
  assert.match(
    remark ?? "",
    /^failregex 1: takes the last address.*"bad user x from 1\.1\.1\.1 x from 203\.0\.113\.66"; end it with \$/,
  );
  assert.deepEqual(remarksOn("^bad user <F-USER>.*</F-USER> from <HOST>$"), []);
  assert.deepEqual(remarksOn("^bad user <F-USER>.*</F-USER> from <HOST> port \\d+$"), []);
  assert.deepEqual(remarksOn("^bad user <F-USER>\\S+</F-USER> from <HOST>"), []);
});

test("an address that is cut short is shown", () => {
  assert.deepEqual(remarksOn("^login failed.*<ADDR>$"), [
    'failregex 1: takes only "3.0.113.66" of the address in: "login failed203.0.113.66"',
  ]);
  assert.match(remarksOn("^login failed.*<HOST>")[0] ?? "", /takes only "6" of the address/);
});

describe("what the prefregex makes of failregexes that nothing is to be said of alone", () => {
  const failregex = ["^Failed password from <ADDR> port \\d+$"];
  const judged = (prefregex: string, fail = failregex) =>
    lint({ prefregex, failregex: fail, ignoreregex: [] });

  test("it may begin anywhere", () => {
    for (const prefregex of [
      "x\\[\\d+\\]: <F-CONTENT>.+</F-CONTENT>$",
      "^.*x\\[\\d+\\]: <F-CONTENT>.+</F-CONTENT>$",
    ]) {
      const [remark, ...others] = judged(prefregex);
      assert.match(
        remark ?? "",
        /^prefregex: is not tied to the begin of the line.*"x x x\[1\]: Failed password from 203\.0\.113\.66 port 1"$/,
      );
      assert.deepEqual(others, []);
    }
  });

  test("it may take the address from what a stranger writes", () => {
    const [remark] = judged("^ x user .*? by <ADDR>: <F-CONTENT>.+</F-CONTENT>$", ["^denied"]);
    assert.match(remark ?? "", /^prefregex: can take .* by 203\.0\.113\.66: denied by 1\.1\.1\.1: denied"$/);
  });

  test("it may be careful", () => {
    assert.deepEqual(judged("^\\s*\\S+ x\\[\\d+\\]: <F-CONTENT>.+</F-CONTENT>$"), []);
    assert.deepEqual(judged("^ \\[<ADDR>\\] <F-CONTENT>.+</F-CONTENT>$", ["^denied$"]), []);
  });
});

describe("date patterns", () => {
  const judged = (datepattern: string) =>
    lint({ prefregex: undefined, failregex: ["^bad <ADDR>$"], ignoreregex: [], datepattern });

  test("that backtrack are shown", () => {
    const [remark, ...others] = judged("{^LN-BEG}\n^(?:\\w+\\s?)*%Y-%m-%d");
    assert.match(remark ?? "", /^datepattern: backtracks without bound, .* 30 times "a"/);
    assert.deepEqual(others, []);
  });

  test("that are not valid are shown", () => {
    assert.match(judged("(%Y")[0] ?? "", /^datepattern: Failed to set datepattern '\(%Y': .*missing \)/);
    assert.match(judged("%Q")[0] ?? "", /^datepattern: .*unsupported format character 'Q'/);
  });

  test("that are usual are passed over", () => {
    for (const pattern of ["{^LN-BEG}", "^\\[{DATE}\\]", "EPOCH", "{NONE}", "^%Y-%m-%d %H:%M:%S(?:\\.%f)?"])
      assert.deepEqual(judged(pattern), [], pattern);
  });
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
