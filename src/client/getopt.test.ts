import assert from "node:assert/strict";
import { test } from "node:test";
import { GetoptError, getopt, type OptionSpec } from "./getopt.ts";

const SPECS: readonly OptionSpec[] = [
  { names: ["c", "conf"], takesValue: true },
  { names: ["v"], takesValue: false },
  { names: ["t", "test"], takesValue: false },
  { names: ["loglevel"], takesValue: true },
  { names: ["logtarget"], takesValue: true },
  { names: ["log"], takesValue: false },
];

function parse(...args: string[]): string {
  const { options, rest } = getopt(args, SPECS);
  return [...options.map(({ key, value }) => `${key}=${value}`), "|", ...rest].join(" ");
}

test("options end at the first word that is none", () => {
  assert.equal(parse("-v", "get", "x", "-v"), "v= | get x -v");
  assert.equal(parse("-v", "--", "-t"), "v= | -t");
  assert.equal(parse("-", "-v"), "| - -v");
  assert.equal(parse(), "|");
});

test("short options are joined, with their value or before it", () => {
  assert.equal(parse("-vvt", "-c/etc", "-vc", "/x", "cmd"), "v= v= test= conf=/etc v= conf=/x | cmd");
});

test("long options are cut, with = or without", () => {
  assert.equal(
    parse("--conf=/a=b", "--co", "/c", "--te", "--loglevel", "X"),
    "conf=/a=b conf=/c test= loglevel=X |",
  );
  assert.equal(parse("--log", "--logl=1"), "log= loglevel=1 |");
  assert.equal(parse("--conf=", "x"), "conf= | x");
});

test("what does not fit is refused by name", () => {
  const cases: [string[], RegExp][] = [
    [["-x"], /option -x not recognized/],
    [["-vx"], /option -x not recognized/],
    [["--nosuch"], /option --nosuch not recognized/],
    [["--logt", "a", "--logx"], /option --logx not recognized/],
    [["--lo"], /option --lo not a unique prefix/],
    [["-c"], /option -c requires argument/],
    [["--conf"], /option --conf requires argument/],
    [["--test=1"], /option --test must not have an argument/],
  ];
  for (const [args, message] of cases) {
    assert.throws(
      () => parse(...args),
      (error) => error instanceof GetoptError && message.test(error.message),
    );
  }
});
