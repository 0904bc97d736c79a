import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./clock.ts";
import { waitAtMost } from "./wait-at-most.ts";

test("work that ends in time is waited for, its failure is passed on, and no timer is left", async () => {
  const clock = new ManualClock(0);
  await waitAtMost(clock, 5, Promise.resolve());
  await assert.rejects(waitAtMost(clock, 5, Promise.reject(new Error("no"))), /no/);
  assert.equal(clock.pending, 0);
});

test("work that takes longer is not waited for", async () => {
  const clock = new ManualClock(0);
  const waiting = waitAtMost(clock, 5, new Promise(() => {}));
  clock.advance(5);
  await waiting;
});
