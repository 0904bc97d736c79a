import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { failuresOf, failuresOfBlock, NOW, testFilter } from "./testing.ts";

/** Takes exponential time on a long run of letters, and cannot be handed to a linear engine. */
const EVIL = "^ (?=(?:(?:\\w+)+\\s?)*!$)<F-ID>\\w+</F-ID>";
const POISON = `${NOW} ${"a".repeat(60)}`;
const limit = { matchTimeLimitMs: 20 };

test("a hostile line is given up for the expression that cannot stand it, other expressions go on", () => {
  const { filter, messages } = testFilter({ fail: [EVIL, "a <ADDR>"] }, limit);
  const bad = `${POISON} 192.0.2.2`;
  const lines = [`${NOW} a 192.0.2.1`, bad, `${NOW} a 192.0.2.3`];
  const expected = [lines[0], bad, lines[2]].map((line, i) => `192.0.2.${i + 1} ${NOW} ${line}`);
  assert.deepEqual(failuresOfBlock(filter, lines), expected);
  assert.equal(messages.length, 1);
  assert.match(messages[0]!, /^\[test\] Matching took more than 20 ms .* expression: \^ \(\?=/);
});

test("an expression that takes too long again and again is left out for a while", () => {
  const { filter, messages, clock } = testFilter({ fail: [EVIL, "a <ADDR>"] }, limit);
  for (let i = 0; i < 5; i++) failuresOf(filter, [`${POISON} ${i}`]);
  assert.equal(messages.length, 4);
  assert.match(messages[3]!, /left out for 600 seconds/);
  clock.advance(601);
  failuresOf(filter, [`${NOW + 601} ${"a".repeat(60)}`]);
  assert.equal(messages.length, 5);
});

test("lines with a matching memory are counted once when a run is cut off", () => {
  const { filter } = testFilter({ fail: [EVIL, "^ x$<SKIPLINES>^ y <ADDR>$"], maxLines: 3 }, limit);
  const lines = [`${NOW} x`, POISON, `${NOW} y 192.0.2.1`];
  const found = failuresOfBlock(filter, lines);
  assert.deepEqual(found, [`192.0.2.1 ${NOW} ${lines[0]}|${lines[2]}`]);
});

test("a date pattern that takes too long leaves the line undated", () => {
  const { filter, messages } = testFilter({ fail: ["bad <ADDR>"], datePattern: "^(?:\\w+\\s?)*%Y!" }, limit);
  const line = `${"a".repeat(60)} bad 192.0.2.1`;
  assert.deepEqual(failuresOf(filter, [line], true), [`192.0.2.1 ${NOW} ${line}`]);
  assert.match(messages[0]!, /Finding the date took too long/);
});

test("a machine that is busy all the time shields a hostile line only for a while", (t) => {
  // As if the process were never given the processor: each run that is cut off looks starved.
  let asked = 0;
  mock.method(process, "threadCpuUsage", (before?: object) => {
    if (before) asked++;
    return { user: 0, system: 0 };
  });
  t.after(() => mock.restoreAll());
  const { filter, messages } = testFilter({ fail: [EVIL, "a <ADDR>"] }, { matchTimeLimitMs: 5 });
  const found = failuresOf(filter, [`${POISON} 192.0.2.2`]);
  assert.equal(found.length, 1);
  assert.match(messages[0]!, /^\[test\] Matching took more than 5 ms/);
  // Twice it is suspected, each time after the time was doubled twice; where the machine is really busy, so are others.
  assert.ok(asked >= 6, `${asked}`);
});
