import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { RepeatedMessage } from "./repeated-message.ts";

test("the first time is told at once, the others in sums, and after a quiet minute it begins anew", () => {
  const clock = new ManualClock(1000);
  const told: string[] = [];
  const message = new RepeatedMessage(clock, {
    first: (reason) => told.push(reason),
    more: (count) => told.push(`${count} more`),
  });
  for (let i = 0; i < 4; i++) message.happened("full");
  assert.deepEqual(told, ["full"]);
  clock.advance(60);
  assert.deepEqual(told, ["full", "3 more"]);
  clock.advance(60);
  message.happened("full again");
  assert.deepEqual(told, ["full", "3 more", "full again"]);
  clock.advance(60);
  assert.deepEqual(told, ["full", "3 more", "full again"]);
});
