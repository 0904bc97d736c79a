import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { WriteQueue } from "./write-queue.ts";

function setUp() {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (v TEXT NOT NULL)");
  const messages: string[] = [];
  const log = new LogHub(({ message }) => messages.push(message), LEVELS.INFO).logger("database");
  const clock = new ManualClock(1000);
  let commits = 0;
  const queue = new WriteQueue({
    database,
    file: "f",
    clock,
    log,
    onCommit: (soon) => {
      if (soon) commits++;
    },
    reopen: () => {},
  });
  const insert = (value: string | null) => () => void database.prepare("INSERT INTO t VALUES (?)").run(value);
  const content = () =>
    database
      .prepare("SELECT v FROM t ORDER BY rowid")
      .all()
      .map((row) => row["v"]);
  return { database, messages, clock, queue, insert, content, commits: () => commits };
}

test("one transaction for all changes of a round", () => {
  const { clock, queue, insert, content, commits } = setUp();
  queue.add(insert("a"));
  queue.addLazily("k", insert("old"));
  queue.addLazily("k", insert("new"));
  queue.add(insert("b"));
  assert.deepEqual(content(), []);
  clock.advance(0);
  assert.deepEqual(content(), ["a", "b", "new"]);
  assert.equal(commits(), 1);
  assert.equal(clock.pending, 0);
});

test("a change that fails for its own reason does not take the others with it", () => {
  const { clock, queue, insert, content, messages } = setUp();
  for (const value of ["a", null, "b"]) queue.add(insert(value));
  clock.advance(0);
  assert.deepEqual(content(), ["a", "b"]);
  assert.deepEqual(messages, ["Dropped a change of database 'f': NOT NULL constraint failed: t.v"]);
});

test("a full disk: everything waits and is written when there is room again", () => {
  const { database, clock, queue, insert, content, messages } = setUp();
  const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const big = "x".repeat(100_000);
  queue.add(insert("small"));
  queue.add(insert(big));
  clock.advance(0);
  assert.deepEqual(content(), []);
  assert.equal(queue.waiting, 2);
  assert.deepEqual(messages, ["Unable to write to database 'f': database or disk is full. 2 change(s) wait"]);
  queue.add(insert("later"));
  clock.advance(100);
  assert.equal(queue.waiting, 3);
  assert.equal(messages.length, 1);
  database.exec("PRAGMA max_page_count = 1000000");
  clock.advance(30);
  assert.deepEqual(content(), ["small", big, "later"]);
  assert.equal(messages.at(-1), "Database 'f' can be written again");
});

test("what cannot be written at the end is lost with an error", () => {
  const { database, queue, insert, messages } = setUp();
  const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  database.exec(`PRAGMA max_page_count = ${pages}`);
  queue.add(insert("x".repeat(100_000)));
  queue.close();
  assert.equal(messages.at(-1), "1 change(s) of database 'f' are lost");
});

test("what is read before the commit is seen, and committed with all that belongs to the same moment", () => {
  const { database, clock, queue, insert, content, commits } = setUp();
  let written = 0;
  queue.add(insert("ban"));
  queue.apply();
  assert.deepEqual(content(), ["ban"]);
  assert.ok(database.isTransaction, "it is not committed yet");
  queue.addLazily("position", insert("position"), () => written++);
  queue.add(insert("another ban"));
  queue.apply();
  assert.equal(written, 0);
  clock.advance(0);
  assert.deepEqual(content(), ["ban", "another ban", "position"]);
  assert.ok(!database.isTransaction);
  assert.deepEqual([commits(), written], [1, 1]);
});

test("a change that fails while it is read ahead costs no other", () => {
  const { clock, queue, insert, content, messages } = setUp();
  for (const value of ["a", null, "b"]) queue.add(insert(value));
  queue.apply();
  assert.deepEqual(content(), []);
  clock.advance(0);
  assert.deepEqual(content(), ["a", "b"]);
  assert.equal(messages.length, 1);
});

test("a file that was opened read-only is opened anew before it is tried again", () => {
  const { database, clock, messages } = setUp();
  let opened = 0;
  const log = new LogHub(({ message }) => messages.push(message), LEVELS.INFO).logger("database");
  const queue = new WriteQueue({
    database,
    file: "f",
    clock,
    log,
    onCommit: () => {},
    reopen: () => opened++,
  });
  const readOnly = Object.assign(new Error("attempt to write a readonly database"), { errcode: 8 });
  let fails = true;
  queue.add(() => {
    if (fails) throw readOnly;
  });
  clock.advance(0);
  assert.equal(opened, 0);
  fails = false;
  clock.advance(1);
  assert.equal(opened, 1);
  assert.equal(messages.at(-1), "Database 'f' can be written again");
});
