import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { ban, policy, rows, setUp } from "./testing.ts";

test("bans of one round are committed in common, positions with them", (t) => {
  const { file, clock, open } = setUp(t);
  const database = open();
  database.addJail("j");
  clock.advance(0);
  database.updatePosition("j", "/var/log/a", "h", 10);
  database.updatePosition("j", "/var/log/a", "h", 20);
  clock.advance(1);
  assert.deepEqual(rows(file, "SELECT * FROM logs"), []);
  database.addBan("j", ban("192.0.2.1"));
  clock.advance(0);
  assert.deepEqual(rows(file, "SELECT * FROM logs"), [["j", "/var/log/a", "h", 20]]);
  database.updatePosition("j", "/var/log/a", "h", 30);
  clock.advance(11);
  assert.deepEqual(rows(file, "SELECT lastfilepos FROM logs"), [[30]]);
});

test("a memory database", (t) => {
  const { open } = setUp(t);
  const database = open(":memory:");
  database.addBan("j", ban("192.0.2.1"));
  assert.equal(database.currentBans("j", policy()).length, 1);
  assert.equal(database.file, ":memory:");
  assert.equal(existsSync(":memory:"), false);
});

test("a locked database: writing waits, then goes on", (t) => {
  const { file, messages, clock, open } = setUp(t);
  const database = open();
  database.addJail("j");
  database.flush();
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  database.addBan("j", ban("192.0.2.1"));
  clock.advance(0);
  const failure = messages.filter((message) => message.startsWith("40 Unable to write to database"));
  assert.deepEqual(failure, [
    `40 Unable to write to database '${file}': database is locked. 1 change(s) wait`,
  ]);
  database.addBan("j", ban("192.0.2.2"));
  clock.advance(3);
  other.exec("COMMIT");
  other.close();
  clock.advance(30);
  assert.equal(messages.at(-1), `25 Database '${file}' can be written again`);
  assert.deepEqual(rows(file, "SELECT ip FROM bips ORDER BY ip").flat(), ["192.0.2.1", "192.0.2.2"]);
});

test("a read-only database: the bans are known, changes wait", (t) => {
  if (process.getuid?.() === 0) return t.skip("the superuser may write everywhere");
  const { file, directory, messages, open } = setUp(t);
  const first = open();
  first.addBan("j", ban("192.0.2.1"));
  first.close();
  chmodSync(file, 0o400);
  chmodSync(directory, 0o500);
  const database = open();
  const known = database.currentBans("j", policy()).length;
  // It is to be removed.
  chmodSync(directory, 0o700);
  assert.equal(known, 1);
  assert.ok(messages.some((message) => message.startsWith("40 Unable to write to database")));
});
