import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupLock } from "./group-lock.ts";

test("one group at a time, each in its turn", async () => {
  const lock = new GroupLock();
  const events: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (group: string, name: string) =>
    lock.run(group, async () => {
      events.push(`${name} begins`);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      events.push(`${name} ends`);
    });
  const done = Promise.all([
    work("start", "a"),
    work("start", "b"),
    work("stop", "c"),
    work("stop", "d"),
    work("start", "e"),
  ]);
  const end = async (name: string) => {
    await new Promise((resolve) => setImmediate(resolve));
    ends.get(name)!();
  };
  await end("a");
  await end("b");
  await end("d");
  await end("c");
  await end("e");
  await done;
  assert.deepEqual(events, [
    "a begins",
    "b begins",
    "a ends",
    "b ends",
    "c begins",
    "d begins",
    "d ends",
    "c ends",
    "e begins",
    "e ends",
  ]);
});

test("work that fails lets the others go on", async () => {
  const lock = new GroupLock();
  const failing = lock.run("start", () => Promise.reject(new Error("no")));
  const next = lock.run("stop", async () => "done");
  await assert.rejects(failing, /no/);
  assert.equal(await next, "done");
});
