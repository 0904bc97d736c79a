import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, setUp } from "./testing.ts";

test("a log file goes on where it was left, if it is still the same file", (t) => {
  const { open } = setUp(t);
  const database = open();
  database.addJail("j");
  assert.equal(database.addLog("j", "/a", "h1", 0), null);
  assert.equal(database.addLog("j", "/a", "h1", 5), 0);
  database.updatePosition("j", "/a", "h1", 77);
  assert.equal(database.addLog("j", "/a", "h1", 0), 77);
  assert.equal(database.addLog("j", "/a", "h2", 0), null);
  assert.equal(database.addLog("j", "/a", "h1", 0), 77);
  database.updatePosition("j", "systemd-journal", "2026-11-21T03:19:33.106367+00:00 ", NOW + 0.25);
  assert.equal(database.lastPosition("j", "systemd-journal"), NOW + 0.25);
  assert.equal(database.lastPosition("j", "/none"), null);
});
