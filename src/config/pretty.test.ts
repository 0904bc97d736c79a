import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { pretty } from "./pretty.ts";

test("short values stay on one line", () => {
  assert.equal(pretty(["set", "j", "maxretry", 3, null, true]), "['set', 'j', 'maxretry', 3, None, True]");
});

test("long lists have one element a line", () => {
  const long = "x".repeat(990);
  assert.equal(
    pretty([
      "multi-set",
      [
        ["a", long],
        ["b", "c"],
      ],
    ]),
    `[ 'multi-set',\n  [ ['a', '${long}'],\n    ['b', 'c']]]`.replace(
      `['a', '${long}']`,
      `[ 'a',\n      '${long}']`,
    ),
  );
});

const python = spawnSync("python3", ["--version"]).status === 0;

test("the same as Python's pretty printer", { skip: python ? false : "python3 is missing" }, () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "é", "😀", "'", '"', " ", "\n", "\\", "\t"),
    maxLength: 12,
  });
  const text = fc.array(word, { maxLength: 200 }).map((words) => words.join("some words "));
  const { value } = fc.letrec<{ value: PyValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      text,
      fc.constantFrom<PyValue>(true, null, 12, "short"),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(text, tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    ),
  }));
  const values = fc.sample(value, { numRuns: 150, seed: 7 });
  const program =
    "import sys,json,pprint,ast\nfor l in json.load(sys.stdin):\n print(json.dumps(pprint.pformat(ast.literal_eval(l),width=1000,indent=2)))";
  const run = spawnSync("python3", ["-c", program], {
    input: JSON.stringify(values.map(repr)),
    encoding: "utf8",
  });
  const expected = run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as string);
  values.forEach((sample, index) => {
    assert.equal(pretty(sample), expected[index]);
  });
});
