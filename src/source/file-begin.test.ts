import assert from "node:assert/strict";
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FileBegin } from "./file-begin.ts";
import { temporaryDirectory } from "./testing.ts";

async function setUp(t: TestContext, content: string) {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, content);
  const fd = openSync(path, "r+");
  t.after(() => closeSync(fd));
  return { path, fd, begin: await FileBegin.read(fd, true, 1000) };
}

test("the hash is known from the first whole line on", async (t) => {
  const { path, begin } = await setUp(t, "half a li");
  assert.equal(begin.hash, "");
  await begin.complete();
  assert.equal(begin.hash, "");
  writeFileSync(path, "half a line\n");
  assert.deepEqual(await begin.look(1000), { oldHash: "", changed: false });
  assert.match(begin.hash, /^[0-9a-f]{40}$/);
});

test("another first line is a change, more lines are none", async (t) => {
  const { path, begin } = await setUp(t, "one\n");
  const oldHash = begin.hash;
  writeFileSync(path, "one\ntwo\n");
  assert.deepEqual(await begin.look(1001), { oldHash, changed: false });
  writeFileSync(path, "two\n");
  assert.deepEqual(await begin.look(1002), { oldHash, changed: true });
  assert.notEqual(begin.hash, oldHash);
});

test("a hole in the place of the first line is no change", async (t) => {
  const { path, fd, begin } = await setUp(t, "one\ntwo\n");
  truncateSync(path, 0);
  writeSync(fd, "three\n", 8);
  assert.equal((await begin.look(1001)).changed, false);
});

test("it is time for a look half a minute after the last", async (t) => {
  const { begin } = await setUp(t, "one\n");
  assert.deepEqual([begin.isDue(1029), begin.isDue(1030)], [false, true]);
  await begin.look(1030);
  assert.deepEqual([begin.isDue(1059), begin.isDue(1060)], [false, true]);
});

test("what is no regular file has no begin", async () => {
  const fd = openSync("/dev/null", "r");
  try {
    const begin = await FileBegin.read(fd, false, 0);
    assert.deepEqual([begin.hash, [...begin.byteOrderMark]], ["", [0, 0]]);
  } finally {
    closeSync(fd);
  }
});
