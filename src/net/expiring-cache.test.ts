import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpiringCache } from "./expiring-cache.ts";

test("entries end after their time, also when the clock is set back", () => {
  let now = 100;
  const cache = new ExpiringCache<number>(10, 5, () => now);
  cache.set("a", 1);
  now = 104;
  assert.equal(cache.get("a"), 1);
  now = 105;
  assert.equal(cache.get("a"), undefined);
  cache.set("b", 2);
  now = 10;
  assert.equal(cache.get("b"), undefined);
});

test("the oldest entry makes room", () => {
  const cache = new ExpiringCache<number>(2, 5, () => 0);
  for (const [i, key] of ["a", "b", "c"].entries()) cache.set(key, i);
  assert.deepEqual(
    ["a", "b", "c"].map((key) => cache.get(key)),
    [undefined, 1, 2],
  );
});
