import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { plainWords } from "./plain-words.ts";

test("words of a plain command, unquoted", () => {
  assert.deepEqual(plainWords("nft add element inet t s \\{ 192.0.2.1 \\}"), [
    ..."nft add element inet t s { 192.0.2.1 }".split(" "),
  ]);
  assert.deepEqual(plainWords(" a 'b  c'd \"e f\" ''\n"), ["a", "b  cd", "e f", ""]);
});

test("anything that a shell would do more with is refused", () => {
  for (const script of [
    "",
    " \n",
    "a; b",
    "a && b",
    "a | b",
    "a > f",
    "a $x",
    'a "$x"',
    'a "b\\"c"',
    "a `b`",
    "a *",
    "a ~",
    "a # b",
    "a\nb",
    "a \\",
    "a 'b",
    "x=1 a",
    "! a",
    "(a)",
  ]) {
    assert.equal(plainWords(script), null, script);
  }
});

test("a shell reads the same words", () => {
  const part = fc.constantFrom(
    "a",
    "b1",
    "'c d'",
    '"e f"',
    "\\{",
    "\\ ",
    "\\'",
    " ",
    "  ",
    "''",
    "192.0.2.1",
    "::1",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const script = `printf0 ${parts.join("")} end`;
      const words = plainWords(script);
      assert.ok(words);
      const shell = spawnSync("/bin/sh", ["-c", `printf0() { printf '%s\\0' "$@"; }\n${script}`], {
        encoding: "utf8",
      });
      assert.equal(
        shell.stdout,
        words
          .slice(1)
          .map((word) => `${word}\0`)
          .join(""),
      );
    }),
    { numRuns: 40 },
  );
});
