import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestJail } from "./testing.ts";

/** A jail, what it says of date patterns, and how it reads a line. */
function setUp() {
  const { jail, takeLog, files } = makeTestJail();
  const said = () => takeLog().filter((line) => line.startsWith("datedetector: "));
  const read = () => jail.feed.process("2026-11-21 10:00:00 hello\n", {}, true);
  return { jail, said, read, files };
}

test("the default templates are announced at the first line, once", (t) => {
  const { jail, said, read, files } = setUp();
  t.after(() => files.close());
  assert.deepEqual(said(), []);
  read();
  read();
  assert.deepEqual(said(), ["datedetector:   default date pattern: 31 template(s)"]);
  jail.settings.setDatePattern("{DEFAULT}");
  assert.deepEqual(said(), []);
  jail.feed.processTimed([{ line: "x", time: null }], true);
  assert.deepEqual(said(), ["datedetector:   default date pattern: 31 template(s)"]);
});

test("patterns of its own are announced when they are set", (t) => {
  const { jail, said, read, files } = setUp();
  t.after(() => files.close());
  jail.settings.setDatePattern("^%Y-%m-%d\n{^LN-BEG}EPOCH");
  assert.deepEqual(said(), [
    "datedetector:   date pattern `'^%Y-%m-%d'`: `^Year-Month-Day`",
    "datedetector:   date pattern `''`: `{^LN-BEG}Epoch`",
  ]);
  read();
  assert.deepEqual(said(), []);
  jail.settings.setDatePattern("{^LN-BEG}");
  assert.match(said().join(), /^datedetector: {3}default filtered date pattern: \d+ template\(s\)$/);
  assert.throws(() => jail.settings.setDatePattern("100%"));
  assert.deepEqual(said(), []);
});
