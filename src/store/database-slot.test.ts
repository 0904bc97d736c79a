import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";
import { DatabaseSlot } from "./database-slot.ts";

const NOW = 1_800_000_000;

function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "f2b-slot-"));
  const file = join(directory, "f2b.sqlite3");
  const messages: string[] = [];
  const log = new LogHub(({ message }) => messages.push(message)).logger("database");
  const clock = new ManualClock(NOW);
  let recoveries = 0;
  const slot = new DatabaseSlot({ clock, log, inUse: () => false, onRecovery: () => recoveries++ });
  t.after(() => {
    // It would make its directory anew.
    slot.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { file, messages, clock, slot, log, recoveries: () => recoveries };
}

const ban = (ip: string, timeOfBan = NOW) => ({
  ip,
  timeOfBan,
  bantime: 600,
  banCount: 1,
  data: { matches: [], failures: 3 },
});
const POLICY = { now: NOW, banTime: 600, increment: false, maxMatches: 0 };

test("a locked file: bans are in memory, and in the file when the lock is gone", (t) => {
  const { file, messages, clock, slot, log, recoveries } = setUp(t);
  const before = BanDatabase.open(file, { clock, log });
  before.addJail("j");
  for (const ip of ["192.0.2.1", "192.0.2.2"]) before.addBan("j", ban(ip, NOW - 60));
  before.close();
  const other = new DatabaseSync(file);
  other.exec("BEGIN EXCLUSIVE");
  messages.length = 0;
  slot.open(file);
  assert.deepEqual(messages.slice(-2), [
    `Error connecting to fail2ban persistent database '${file}': database is locked`,
    `Bans are kept in memory only, until database '${file}' can be opened`,
  ]);
  assert.equal(slot.file, file);
  slot.current?.addJail("j");
  slot.current?.addBan("j", ban("192.0.2.2"));
  slot.current?.addBan("j", ban("192.0.2.3"));
  slot.current?.updatePosition("j", "/var/log/a", "h", 77);
  if (slot.current) slot.current.maxMatches = 3;
  messages.length = 0;
  clock.advance(10);
  assert.deepEqual(messages, [], "it is not told again and again");

  other.exec("COMMIT");
  other.close();
  clock.advance(30);
  assert.equal(
    messages.at(-1),
    `Database '${file}' can be opened again, with the bans that were kept in memory`,
  );
  assert.equal(recoveries(), 1);
  const bans = slot.current?.currentBans("j", POLICY).map(({ ip, timeOfBan }) => `${ip} ${timeOfBan - NOW}`);
  assert.deepEqual(bans, ["192.0.2.1 -60", "192.0.2.2 0", "192.0.2.3 0"]);
  assert.equal(slot.current?.banHistory("192.0.2.2", "j")?.banCount, 2, "the bans of both are counted");
  assert.equal(slot.current?.lastPosition("j", "/var/log/a"), 77);
  assert.equal(slot.current?.maxMatches, 3);
});

test("what cannot be repaired by waiting is refused", (t) => {
  const { file, slot } = setUp(t);
  assert.throws(() => slot.open(join(file, "no", "such", "directory")), /Cannot open database/);
  assert.equal(slot.current, null);
});

test("bans are purged every hour", (t) => {
  const { clock, slot } = setUp(t);
  slot.open(":memory:");
  slot.current?.addBan("j", ban("192.0.2.1", NOW - 86_400 + 1800));
  const count = () => slot.current?.recordedBans({ limit: 10 }).length;
  clock.advance(3599);
  assert.equal(count(), 1);
  clock.advance(1);
  assert.equal(count(), 0);
});

/** What somebody does to the file of a running server. */
const DISPLACEMENTS: Readonly<Record<string, (file: string) => void>> = {
  "deleted with all that is beside it": (file) => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  },
  "deleted alone": (file) => rmSync(file),
  "moved away": (file) => renameSync(file, `${file}.old`),
  "replaced by something else": (file) => {
    rmSync(file);
    writeFileSync(file, "this is no database, whatever it is\n".repeat(100));
  },
};

for (const [title, displace] of Object.entries(DISPLACEMENTS)) {
  test(`the file is ${title}: all that it held is written again`, (t) => {
    const { file, messages, clock, slot, log } = setUp(t);
    slot.open(file);
    slot.current?.addJail("j");
    slot.current?.addBan("j", ban("192.0.2.1"));
    slot.current?.updatePosition("j", "/var/log/a", "h", 77);
    slot.current?.flush();
    displace(file);
    slot.current?.addBan("j", ban("192.0.2.2"));
    clock.advance(0);
    clock.advance(0);
    assert.ok(
      messages.includes(
        `Database '${file}' was removed or replaced while it was in use: all that it held is written again`,
      ),
    );
    slot.current?.addBan("j", ban("192.0.2.3"));
    slot.current?.flush();
    // As after a crash: nothing is closed.
    copyFileSync(file, `${file}.copy`);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${file}.copy-wal`);
    const after = BanDatabase.open(`${file}.copy`, { clock, log });
    assert.deepEqual(
      after.currentBans("j", POLICY).map(({ ip }) => ip),
      ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
    );
    assert.equal(after.lastPosition("j", "/var/log/a"), 77);
    assert.equal(after.banHistory("192.0.2.1", "j")?.banCount, 1);
    after.close();
  });
}

test("the file is replaced by an older copy of it: no ban is counted twice, and those of both are known", (t) => {
  const { file, clock, slot, recoveries } = setUp(t);
  slot.open(file);
  slot.current?.addJail("j");
  slot.current?.addBan("j", ban("192.0.2.1"));
  slot.current?.addBan("j", ban("192.0.2.9"));
  slot.close();
  copyFileSync(file, `${file}.copy`);
  slot.open(file);
  slot.current?.removeBans("j", ["192.0.2.9"]);
  slot.current?.flush();
  renameSync(`${file}.copy`, file);
  slot.current?.addBan("j", ban("192.0.2.2"));
  clock.advance(0);
  clock.advance(0);
  const bans = slot.current?.currentBans("j", POLICY).map(({ ip, banCount }) => `${ip} ${banCount}`);
  assert.deepEqual(bans, ["192.0.2.1 1", "192.0.2.2 1", "192.0.2.9 1"]);
  assert.equal(slot.current?.recordedBans({ limit: 10 }).length, 3);
  assert.equal(recoveries(), 1, "bans that only the copy knew come into force");
});

test("the file is gone and cannot be made: bans are in memory, and in the file when it can be", (t) => {
  const { file, messages, clock, slot } = setUp(t);
  const directory = `${file}.d`;
  const inside = join(directory, "f2b.sqlite3");
  slot.open(inside);
  slot.current?.addBan("j", ban("192.0.2.1"));
  slot.current?.flush();
  renameSync(directory, `${directory}.old`);
  writeFileSync(directory, "in the way");
  slot.current?.addBan("j", ban("192.0.2.2"));
  clock.advance(0);
  clock.advance(0);
  assert.equal(messages.at(-1), `Bans are kept in memory only, until database '${inside}' can be opened`);
  rmSync(directory);
  mkdirSync(directory);
  clock.advance(30);
  const bans = slot.current?.currentBans("j", POLICY).map(({ ip }) => ip);
  assert.deepEqual(bans, ["192.0.2.1", "192.0.2.2"]);
  assert.ok(existsSync(inside));
});

test("a server that ends looks once more whether its file is there", (t) => {
  const { file, clock, slot, log } = setUp(t);
  slot.open(file);
  slot.current?.addJail("j");
  slot.current?.addBan("j", ban("192.0.2.1"));
  slot.current?.flush();
  rmSync(file);
  slot.close();
  const after = BanDatabase.open(file, { clock, log });
  assert.equal(after.currentBans("j", POLICY).length, 1);
  after.close();
});
