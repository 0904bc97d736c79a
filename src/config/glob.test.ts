import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { glob } from "./glob.ts";
import { memoryFiles } from "./memory-files.ts";

const FILES = memoryFiles({
  "/lp/x1.log": "",
  "/lp/.hid.log": "",
  "/lp/[q].log": "",
  "/lp/a b.log": "",
  "/lp/sub/y.log": "",
  "/lq/x1.log": "",
});

test("wildcards", () => {
  const cases: [string, string[]][] = [
    ["/lp/x1.log", ["/lp/x1.log"]],
    ["/lp/none", []],
    ["/lp/*.log", ["/lp/x1.log", "/lp/[q].log", "/lp/a b.log"]],
    ["/lp/.*.log", ["/lp/.hid.log"]],
    ["/lp/x[0-9].log", ["/lp/x1.log"]],
    ["/lp/x[!0-9].log", []],
    ["/lp/[[]q].log", ["/lp/[q].log"]],
    ["/lp/x[.log", []],
    ["/lp/[]x]1.log", ["/lp/x1.log"]],
    ["/l?/x1.log", ["/lp/x1.log", "/lq/x1.log"]],
    ["/lp/**/*.log", ["/lp/sub/y.log"]],
    ["/lp/*/", ["/lp/sub/"]],
    ["/lp//x1.log", ["/lp//x1.log"]],
    ["/lp/x1.log/*", []],
    ["", []],
  ];
  for (const [pattern, paths] of cases) assert.deepEqual(glob(pattern, FILES), paths, pattern);
});

test("any pattern", () => {
  const pattern = fc.string({ unit: fc.constantFrom(..."x1.log*?[]!-/\0^\\"), maxLength: 30 });
  fc.assert(fc.property(pattern, (text) => Array.isArray(glob(`/lp/${text}`, FILES))));
});

test("many stars stay fast", () => {
  const files = memoryFiles({ [`/d/${"a".repeat(200)}`]: "" });
  assert.deepEqual(glob(`/d/${"*a".repeat(6)}*b`, files), []);
});
