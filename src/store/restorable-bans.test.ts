import assert from "node:assert/strict";
import { test } from "node:test";
import type { RestorePolicy } from "./restore-policy.ts";
import { ban, NOW, policy, setUp } from "./testing.ts";

test("restored bans follow the jail's present settings", (t) => {
  const { open } = setUp(t);
  const database = open();
  const stored: [string, number, number][] = [
    ["192.0.2.1", 100, 5000],
    ["192.0.2.2", 100, -1],
    ["192.0.2.3", 100, -2],
    ["192.0.2.4", 700, 5000],
    ["192.0.2.5", 100, 200],
    ["192.0.2.6", 300, 200],
  ];
  for (const [ip, age, bantime] of stored) database.addBan("j", ban(ip, { timeOfBan: NOW - age, bantime }));
  const restored = (extra: Partial<RestorePolicy>) =>
    database.currentBans("j", policy(extra)).map(({ ip, bantime }) => `${ip.at(-1)}:${bantime}`);
  assert.deepEqual(restored({}), ["1:600", "2:600", "3:600", "5:200"]);
  assert.deepEqual(restored({ increment: true }), ["1:5000", "2:-1", "3:600", "4:5000", "5:200"]);
  assert.deepEqual(restored({ increment: true, maxTime: 3000 }), [
    "1:3000",
    "2:3000",
    "3:600",
    "4:3000",
    "5:200",
  ]);
  assert.deepEqual(restored({ banTime: -1 }), ["1:5000", "2:-1", "3:-1", "4:5000", "5:200"]);
  assert.deepEqual(restored({ banTime: 50 }), []);
  assert.deepEqual(database.currentBans("other", policy()), []);
});
