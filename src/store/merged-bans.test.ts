import assert from "node:assert/strict";
import { test } from "node:test";
import { ban, NOW, setUp } from "./testing.ts";

test("bans of one address are merged, the newest lines last", (t) => {
  const { open } = setUp(t);
  const database = open();
  database.maxMatches = 3;
  database.addBan("a", ban("x", { timeOfBan: NOW - 30, data: { matches: ["1", "2"], failures: 2 } }));
  database.addBan("a", ban("x", { timeOfBan: NOW - 20, data: { matches: ["3", "4"], failures: 5 } }));
  database.addBan("b", ban("x", { timeOfBan: NOW - 10, data: { matches: ["5"], failures: 1 } }));
  assert.deepEqual(database.mergedBans("x", "a"), { failures: 7, matches: ["2", "3", "4"] });
  assert.deepEqual(database.mergedBans("x", null), { failures: 8, matches: ["3", "4", "5"] });
  database.addBan("a", ban("x", { data: { matches: ["6"], failures: 1 } }));
  assert.deepEqual(database.mergedBans("x", "a"), { failures: 8, matches: ["3", "4", "6"] });
  assert.deepEqual(database.mergedBans("y", "a"), { failures: 0, matches: [] });
});
