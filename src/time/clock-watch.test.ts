import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./clock.ts";
import { ClockWatch } from "./clock-watch.ts";

test("tells of a clock that was set, in either direction, once", () => {
  const clock = new ManualClock(1_800_000_000);
  const set = (bySeconds: number) => clock.jump(clock.now() + bySeconds);
  const jumps: number[] = [];
  const watch = new ClockWatch(clock, (seconds) => jumps.push(seconds));
  watch.start();
  clock.advance(600);
  set(10);
  clock.advance(600);
  assert.deepEqual(jumps, [], "a little is set every day");
  set(7200);
  clock.advance(60);
  set(-3 * 3600);
  clock.advance(600);
  assert.deepEqual(jumps, [7200, -10_800]);
  watch.stop();
  set(7200);
  clock.advance(600);
  assert.equal(jumps.length, 2);
});
