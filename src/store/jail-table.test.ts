import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./testing.ts";

test("jails are known, and regarded as stopped after a restart", (t) => {
  const { open } = setUp(t);
  const first = open();
  for (const name of ["b", "a", "c"]) first.addJail(name);
  first.disableJail("c");
  assert.deepEqual(first.jailNames(), ["a", "b", "c"]);
  assert.deepEqual(first.jailNames(true), ["a", "b"]);
  first.close();
  assert.deepEqual(open().jailNames(true), []);
});
