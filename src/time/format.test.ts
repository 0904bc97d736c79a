import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { formatLocalTime, formatLogTime } from "./format.ts";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test("times are shown as the reference shows them", { skip: skipWithout("golden/time2str.json") }, () => {
  const { cases } = JSON.parse(readFileSync(shared("golden", "time2str.json"), "utf8")) as {
    cases: { in: number; out: string; tz: string }[];
  };
  for (const c of cases) {
    process.env.TZ = c.tz;
    assert.equal(formatLocalTime(c.in), c.out, String(c.in));
  }
});

test("a change of the zone shows at once", () => {
  process.env.TZ = "UTC";
  assert.equal(formatLocalTime(1700000000), "2023-11-14 22:13:20");
  process.env.TZ = "Europe/Zurich";
  assert.equal(formatLocalTime(1700000000), "2023-11-14 23:13:20");
});

test("what is no time shows as the last one", () => {
  assert.equal(formatLocalTime(Number.NaN), "9999-12-31 23:59:59");
  assert.equal(formatLocalTime(Number.POSITIVE_INFINITY), "9999-12-31 23:59:59");
});

test("the log shows milliseconds", () => {
  process.env.TZ = "UTC";
  assert.equal(formatLogTime(1700000000.0625), "2023-11-14 22:13:20,062");
  assert.equal(formatLogTime(1700000000), "2023-11-14 22:13:20,000");
});
