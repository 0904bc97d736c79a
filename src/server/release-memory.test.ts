import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { LaterRelease } from "./release-memory.ts";

test("memory is released once, some time after the last work that needed much of it", () => {
  const clock = new ManualClock(0);
  let times = 0;
  const release = new LaterRelease(clock, () => times++);
  release.soon();
  clock.advance(4);
  release.soon();
  clock.advance(4);
  assert.equal(times, 0);
  clock.advance(1);
  assert.equal(times, 1);
  clock.advance(3600);
  assert.equal(times, 1);
  release.soon();
  release.cancel();
  clock.advance(3600);
  assert.equal(times, 1);
});
