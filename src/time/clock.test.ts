import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./clock.ts";

test("the manual clock fires timers in the order in which they become due", () => {
  const clock = new ManualClock(100);
  const fired: string[] = [];
  clock.after(5, () => fired.push(`late@${clock.now()}`));
  clock.after(1, () => {
    fired.push(`early@${clock.now()}`);
    clock.after(1, () => fired.push(`nested@${clock.now()}`));
  });
  const cancel = clock.after(2, () => fired.push("cancelled"));
  cancel();
  clock.advance(10);
  assert.deepEqual(fired, ["early@101", "nested@102", "late@105"]);
  assert.equal(clock.now(), 110);
});
