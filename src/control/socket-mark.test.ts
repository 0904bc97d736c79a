import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isMarked, markSocket } from "./socket-mark.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-mark-"));
after(() => rmSync(dir, { recursive: true }));

test("a mark lasts as long as the file, and is nothing that happens by chance", () => {
  const path = join(dir, "socket");
  assert.equal(isMarked(path), false);
  markSocket(path);
  for (const fraction of [0, 0.42, 0.421874, 0.421876]) {
    writeFileSync(path, "");
    utimesSync(path, 1, 1_795_000_000 + fraction);
    assert.equal(isMarked(path), false, `${fraction}`);
  }
  const before = statSync(path).mtimeMs;
  markSocket(path);
  assert.equal(isMarked(path), true);
  assert.ok(Math.abs(statSync(path).mtimeMs - before) < 2000, "it still tells when the socket was made");
  assert.ok(statSync(path).mtimeMs <= before, "and not a time to come");
  chmodSync(path, 0o660);
  assert.equal(isMarked(path), true);
  rmSync(path);
  writeFileSync(path, "");
  assert.equal(isMarked(path), false);
});
