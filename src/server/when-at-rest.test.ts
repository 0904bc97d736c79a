import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { WhenAtRest } from "./when-at-rest.ts";

test("work is done once, some time after the last reason for it", () => {
  const clock = new ManualClock(0);
  let times = 0;
  const rest = new WhenAtRest({ clock, delaySeconds: 5, work: () => times++, workload: () => 0 });
  rest.soon();
  clock.advance(4);
  rest.soon();
  clock.advance(4);
  assert.equal(times, 0);
  clock.advance(1);
  assert.equal(times, 1);
  clock.advance(3600);
  assert.equal(times, 1);
  rest.soon();
  rest.cancel();
  clock.advance(3600);
  assert.equal(times, 1);
});

test("work waits while there is much to do", () => {
  const clock = new ManualClock(0);
  let times = 0;
  let load = 0.5;
  const rest = new WhenAtRest({ clock, delaySeconds: 5, work: () => times++, workload: () => load });
  rest.soon();
  clock.advance(60);
  assert.equal(times, 0);
  load = 0.01;
  clock.advance(5);
  assert.equal(times, 1);
});
