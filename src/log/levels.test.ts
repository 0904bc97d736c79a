import assert from "node:assert/strict";
import { test } from "node:test";
import { levelName, parseLevel } from "./levels.ts";

test("level names", () => {
  assert.equal(parseLevel("notice"), 25);
  assert.equal(parseLevel("20"), 20);
  assert.equal(parseLevel("Warn"), 30);
  assert.equal(parseLevel("BOGUS"), null);
  assert.equal(parseLevel("-1"), null);
  assert.deepEqual([5, 7, 9, 10, 18, 25, 100].map(levelName), [
    "HEAVY",
    "TRACE",
    "#09-Lev.",
    "DEBUG",
    "MSG",
    "NOTICE",
    "#100-Lev.",
  ]);
});
