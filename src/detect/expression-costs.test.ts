import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { Filter } from "./filter.ts";

const DATE = "2026-11-21 10:00:00 ";

function makeFilter(): Filter {
  const log = new LogHub(() => {}).logger("filter");
  const filter = new Filter({ jail: "j", clock: new ManualClock(1_795_000_000), log });
  filter.prefRegex = "^ app: <F-CONTENT>.+</F-CONTENT>$";
  filter.addFailRegex("^denied <HOST>$");
  filter.addFailRegex("^refused <HOST>");
  filter.addFailRegex("^never <HOST>$");
  filter.addIgnoreRegex("localnet$");
  return filter;
}

test("each part of a filter is measured on the texts that reach it", () => {
  const lines = [
    "app: denied 192.0.2.1",
    "app: refused 192.0.2.2 localnet",
    "app: fine",
    "other: denied 192.0.2.3",
  ];
  const costs = makeFilter().costs(lines.map((line) => DATE + line));
  const summary = costs.map(({ kind, index, tried, matched }) => `${kind} ${index}: ${matched} of ${tried}`);
  assert.deepEqual(summary, [
    "date 0: 4 of 4",
    "prefregex 0: 3 of 4",
    "failregex 0: 1 of 1",
    "failregex 1: 1 of 1",
    "failregex 2: 0 of 0",
    "ignoreregex 0: 1 of 2",
  ]);
  for (const { tried, microseconds } of costs) assert.equal(microseconds > 0, tried > 0);
  assert.equal(costs[2]?.written, "^denied <HOST>$");
});

test("without a sample nothing is measured, and the filter finds what it found before", () => {
  const filter = makeFilter();
  assert.ok(filter.costs([]).every(({ tried, microseconds }) => tried === 0 && microseconds === 0));
  const found = filter.processLine(`${DATE}app: denied 192.0.2.1`, { inOperation: true });
  assert.equal(found.length, 1);
});

test("a line that would take for ever is given up", () => {
  const filter = makeFilter();
  filter.prefRegex = "";
  filter.addFailRegex("^ (?=(a+)+b)<HOST>$");
  const costs = filter.costs([`${DATE}${"a".repeat(40)}`]);
  assert.deepEqual(
    costs.map(({ kind }) => kind),
    ["date"],
  );
});
