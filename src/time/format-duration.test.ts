import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { PyFloat } from "../pyvalue/value.ts";
import { formatDuration } from "./format-duration.ts";

test("lengths of time are shown as the reference shows them", {
  skip: skipWithout("golden/sec2str.json"),
}, () => {
  const recorded: { readonly cases: readonly { readonly in: number; readonly out: string }[] } = JSON.parse(
    readFileSync(shared("golden", "sec2str.json"), "utf8"),
  );
  for (const c of recorded.cases) assert.equal(formatDuration(c.in), c.out, String(c.in));
});

test("a float shows in short lengths only, and negative lengths are plain seconds", () => {
  assert.equal(formatDuration(new PyFloat(60)), "1.0m");
  assert.equal(formatDuration(new PyFloat(3600)), "1h");
  assert.equal(formatDuration(-3600), "-3600s");
  assert.equal(formatDuration(86399), "24h");
  assert.equal(formatDuration(31665600), "1y 1d");
});
