import assert from "node:assert/strict";
import { test } from "node:test";
import { OrderedWork } from "./ordered-work.ts";
import { settle } from "./testing.ts";

function setUp() {
  const begun: string[] = [];
  const taken: string[] = [];
  const pressure: boolean[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const work = new OrderedWork({ atOnce: 2, most: 4, onPressure: (high) => pressure.push(high) });
  const ask = (name: string) => {
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    const begin = () => {
      begun.push(name);
      return end.promise;
    };
    work.do(begin, (result) => taken.push(result));
  };
  return { ask, ends, begun, taken, pressure };
}

test("results are taken in the order of the requests, whichever comes first", async () => {
  const { ask, ends, begun, taken } = setUp();
  for (const name of ["a", "b", "c"]) ask(name);
  assert.deepEqual(begun, ["a", "b"], "a few at once");
  ends.get("b")!.resolve("B");
  await settle();
  assert.deepEqual(begun, ["a", "b", "c"]);
  assert.deepEqual(taken, []);
  ends.get("a")!.resolve("A");
  await settle();
  assert.deepEqual(taken, ["A", "B"]);
});

test("work that fails holds nobody up", async () => {
  const { ask, ends, taken } = setUp();
  for (const name of ["a", "b"]) ask(name);
  ends.get("b")!.resolve("B");
  ends.get("a")!.reject(new Error("no"));
  await settle();
  assert.deepEqual(taken, ["B"]);
});

test("too much of it is told, and when half of it is done", async () => {
  const { ask, ends, pressure } = setUp();
  for (const name of ["a", "b", "c", "d", "e"]) ask(name);
  assert.deepEqual(pressure, [true]);
  for (const name of ["a", "b"]) ends.get(name)!.resolve(name);
  await settle();
  assert.deepEqual(pressure, [true]);
  ends.get("c")!.resolve("c");
  await settle();
  assert.deepEqual(pressure, [true, false]);
});
