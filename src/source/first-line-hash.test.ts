import assert from "node:assert/strict";
import { appendFileSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { firstLineHash, hashFirstLine, inspectLogFile } from "./first-line-hash.ts";
import { temporaryDirectory } from "./testing.ts";

test("the mark is the SHA-1 of the first line with its line end", async (t) => {
  const path = join(temporaryDirectory(t), "a.log");
  writeFileSync(path, "hello");
  assert.equal(firstLineHash(path), "");
  appendFileSync(path, "\nworld");
  assert.equal(firstLineHash(path), "f572d396fae9206628714fb2ce00f72e94f2258f");
  assert.equal(await hashFirstLine(openSync(path, "r")), "f572d396fae9206628714fb2ce00f72e94f2258f");
  assert.equal(inspectLogFile(path).size, 11);
});

test("long first lines have one too", async (t) => {
  const path = join(temporaryDirectory(t), "a.log");
  writeFileSync(path, `${"x".repeat(100_000)}\n`);
  assert.match(firstLineHash(path), /^[0-9a-f]{40}$/);
  assert.equal(await hashFirstLine(openSync(path, "r")), firstLineHash(path));
});

test("what cannot be read as a file is an error of the system", (t) => {
  const directory = temporaryDirectory(t);
  assert.throws(() => inspectLogFile(directory), { code: "EISDIR" });
  assert.throws(() => inspectLogFile(join(directory, "none")), { code: "ENOENT" });
  assert.deepEqual(inspectLogFile("/dev/null").size, 0);
});
