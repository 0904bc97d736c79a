import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LogHub, type LogRecord } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { AddressFile } from "./address-file.ts";
import { Identifier } from "./identifier.ts";

test("entries, comments, changes and absence of the file", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "f2b-set-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "set");
  const clock = new ManualClock(1000);
  const records: LogRecord[] = [];
  const file = new AddressFile(`file:${path}`, clock, new LogHub((r) => records.push(r)).logger("ipdns"));
  assert.equal(file.path, path);
  assert.equal(file.label, `file:/${path}`);
  assert.ok(!file.has(Identifier.parse("192.0.2.1")));
  assert.equal(records.length, 1);

  writeFileSync(path, "# comment 203.0.113.1\n192.0.2.1, 10.0.0.0/8 some-user ; 203.0.113.2\n2001:DB8::1#x");
  assert.ok(!file.has(Identifier.parse("192.0.2.1")), "not looked at again within a minute");
  clock.advance(60);
  assert.ok(file.has(Identifier.parse("192.0.2.1")));
  assert.ok(file.has(Identifier.parse("10.1.2.3")));
  assert.ok(file.has(Identifier.raw("some-user")));
  assert.ok(!file.has(Identifier.parse("203.0.113.1")));
  assert.ok(!file.has(Identifier.parse("203.0.113.2")));

  writeFileSync(path, "192.0.2.2");
  clock.advance(1);
  assert.ok(file.has(Identifier.parse("192.0.2.2")));
  assert.ok(!file.has(Identifier.parse("192.0.2.1")));
  assert.equal(records.length, 1);
});

test("spellings of the path", () => {
  const clock = new ManualClock(0);
  const log = new LogHub(() => {}).logger("ipdns");
  const path = (entry: string) => new AddressFile(entry, clock, log).path;
  assert.equal(path("file:/etc/x"), "/etc/x");
  assert.equal(path("file://etc/x"), "/etc/x");
  assert.equal(path("file:///etc/x"), "/etc/x");
  assert.equal(path("file:///a/b"), "/a/b");
  assert.equal(path("file:x"), "x");
  assert.equal(path("file:./x"), "./x");
  assert.equal(path("file://x"), "x");
});
