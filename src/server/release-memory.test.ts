import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { LaterRelease } from "./release-memory.ts";

test("memory is released once, some time after the last work that needed much of it", () => {
  const clock = new ManualClock(0);
  let times = 0;
  const release = new LaterRelease({ clock, release: () => times++, workload: () => 0 });
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

test("memory is not released while there is much to do", () => {
  const clock = new ManualClock(0);
  let times = 0;
  let load = 0.5;
  const release = new LaterRelease({ clock, release: () => times++, workload: () => load });
  release.soon();
  clock.advance(60);
  assert.equal(times, 0);
  load = 0.01;
  clock.advance(5);
  assert.equal(times, 1);
});
