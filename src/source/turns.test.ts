import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "./turns.ts";

test("one piece of work per round of the event loop, in order of arrival", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const work = ["a", "b", "c"].map(async (name) => {
    await turns.take();
    done.push(name);
  });
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(done, ["a"]);
  let rounds = 0;
  let counting = true;
  const count = () => {
    rounds++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(work);
  counting = false;
  assert.deepEqual(done, ["a", "b", "c"]);
  assert.ok(rounds >= 1);
});
