import assert from "node:assert/strict";
import { test } from "node:test";
import { ban, NOW, setUp } from "./testing.ts";

test("purge forgets what is old, and jails that left nothing", (t) => {
  const { open } = setUp(t);
  const database = open();
  database.purgeAge = 1000;
  const stored: [string, number, number][] = [
    ["fresh", 10, 600],
    ["old", 3000, 600],
    ["bad", 1500, 600],
    ["forever", 9000, -1],
  ];
  for (const name of ["j", "gone", "on"]) database.addJail(name);
  database.disableJail("gone");
  database.addLog("gone", "/a", "h", 0);
  for (const [ip, age, bantime] of stored) database.addBan("j", ban(ip, { timeOfBan: NOW - age, bantime }));
  database.purge();
  assert.equal(database.mergedBans("old", "j").failures, 0);
  assert.equal(database.mergedBans("fresh", "j").failures, 3);
  const history = (ip: string) => database.banHistory(ip, "j") !== null;
  assert.deepEqual(
    [history("fresh"), history("old"), history("bad"), history("forever")],
    [true, false, true, true],
  );
  assert.deepEqual(database.jailNames(), ["j", "on"]);
  assert.equal(database.lastPosition("gone", "/a"), null);
});
