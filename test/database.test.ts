import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { rows } from "../src/store/testing.ts";
import { type Flavor, Instance, ROOT, until } from "./instance.ts";
import { SmallDisk, skipWithoutMounts } from "./mounts.ts";
import { skipWithoutReference } from "./reference.ts";

/** What becomes of the database of a running server when all goes wrong: bans go on, and nothing is lost silently. */

const FILES = {
  "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <ADDR>$\n",
  "action.d/note.conf": "[Definition]\nactionban = echo <ip> >> {DIR}/enforced\nactionunban = true\n",
  "jail.local":
    "[DEFAULT]\nbackend = polling\nfilter = simple\naction = note\nmaxretry = 2\nbantime = 1h\n" +
    "[j]\nenabled = true\nlogpath = {DIR}/j.log\n",
};

interface Setting {
  readonly flavor?: Flavor;
  readonly database?: string;
  readonly disk?: SmallDisk;
}

function setUp(t: TestContext, { flavor = "ours", database, disk }: Setting = {}): Instance {
  const instance = new Instance({
    flavor,
    tree: join(ROOT, "config"),
    files: FILES,
    ...(disk && { namespace: disk }),
  });
  if (database) {
    const settings = instance.read("etc/fail2ban.local");
    instance.write("etc/fail2ban.local", settings.replace(/dbfile = .*/, `dbfile = ${database}`));
  }
  instance.write("j.log", "");
  instance.write("enforced", "");
  t.after(() => instance.dispose());
  return instance;
}

const fail = (instance: Instance, ip: string, times = 2) =>
  instance.append("j.log", `${new Date().toISOString()} failure from ${ip}\n`.repeat(times));

/** A ban because of failures, carried out. */
async function ban(instance: Instance, ip: string): Promise<void> {
  fail(instance, ip);
  await until(() => instance.read("enforced").includes(`${ip}\n`), `${ip} is banned`);
}

const banned = (instance: Instance) => instance.client("get", "j", "banip").trim().split(/\s+/).sort();

const logged = (instance: Instance, text: string | RegExp) =>
  until(() => new RegExp(text).test(instance.read("fail2ban.log")), `the log says ${text}`);

const BANS = "SELECT ip, timeofban, bantime, bancount FROM bips ORDER BY ip";

test("bans, their counts and positions go from the reference to us and back", {
  skip: skipWithoutReference(),
}, async (t) => {
  const theirs = setUp(t, { flavor: "reference" });
  const file = theirs.path("f2b.sqlite3");
  const ours = setUp(t, { database: file });
  const change = (jail: string) => jail.replace(/logpath = .*/, `logpath = ${theirs.path("j.log")}`);
  ours.write("etc/jail.local", `${change(ours.read("etc/jail.local"))}bantime.increment = true\n`);
  theirs.write("etc/jail.local", `${theirs.read("etc/jail.local")}bantime.increment = true\n`);
  theirs.start();
  await ban(theirs, "203.0.113.1");
  await until(() => rows(file, BANS).length === 1, "the ban is written down");
  theirs.client("set", "j", "unbanip", "203.0.113.9");
  await theirs.stop();
  const before = rows(file, BANS);

  ours.start();
  assert.deepEqual(banned(ours), ["203.0.113.1"]);
  assert.match(ours.read("fail2ban.log"), /Added logfile: '.*j\.log' \(pos = [1-9]/);
  fail(theirs, "203.0.113.2");
  await until(() => ours.read("enforced").includes("203.0.113.2"), "the next attacker is banned");
  fail(theirs, "203.0.113.3", 1);
  await until(() => ours.client("status", "j").includes("Currently failed:\t1"), "a failure is counted");
  ours.client("set", "j", "unbanip", "203.0.113.9");
  await ours.kill();
  assert.deepEqual(rows(file, BANS).slice(0, 1), before, "the ban of before is as it was");
  assert.equal(rows(file, "SELECT key FROM fail2ban_ts_pending").length, 1, "and the failure is kept");

  theirs.start();
  await until(() => banned(theirs).length === 2, "the reference knows both");
  assert.deepEqual(banned(theirs), ["203.0.113.1", "203.0.113.2"]);
  await ban(theirs, "203.0.113.4");
  await theirs.stop();
  assert.deepEqual(rows(file, "PRAGMA integrity_check"), [["ok"]]);
  assert.doesNotMatch(theirs.read("fail2ban.log"), /ERROR/);
});

test("matches are kept as dbmaxmatches says", async (t) => {
  const instance = setUp(t);
  instance.start();
  instance.client("set", "dbmaxmatches", "1");
  fail(instance, "203.0.113.1");
  const data = () =>
    rows(instance.path("f2b.sqlite3"), "SELECT CAST(data AS TEXT) FROM bans").flat().map(String);
  await until(() => data().length === 1, "the ban is written down");
  assert.equal(JSON.parse(data()[0]!).matches.length, 1);
  assert.equal(JSON.parse(data()[0]!).failures, 2);
  assert.equal(instance.client("get", "dbmaxmatches").match(/\d+/)?.[0], "1");
});

for (const database of [":memory:", "None"]) {
  test(`dbfile = ${database}: bans are made, and forgotten with the server`, async (t) => {
    const instance = setUp(t, { database });
    instance.start();
    instance.client("set", "j", "banip", "203.0.113.1");
    assert.deepEqual(banned(instance), ["203.0.113.1"]);
    instance.client("restart");
    assert.deepEqual(banned(instance), [""]);
    assert.deepEqual(
      readdirSync(instance.dir).filter((name) => name.includes("sqlite")),
      [],
    );
    assert.doesNotMatch(instance.read("fail2ban.log"), /ERROR/);
  });
}

test("a file that is no database is set aside, and a new one is begun", async (t) => {
  const instance = setUp(t);
  writeFileSync(instance.path("f2b.sqlite3"), "this is no database, whatever it is\n".repeat(100));
  instance.start();
  const log = instance.read("fail2ban.log");
  assert.match(log, /ERROR +Error opening fail2ban persistent database '.*': file is not a database/);
  assert.match(log, /INFO +Trying to repair database/);
  const [, backup] = /Database backup created: (\S+)/.exec(log) ?? [];
  assert.match(instance.read(backup!.slice(instance.dir.length)), /^this is no database/);
  await ban(instance, "203.0.113.1");
  instance.client("restart");
  assert.deepEqual(banned(instance), ["203.0.113.1"]);
});

test("of a truncated database is saved what can be read", async (t) => {
  const instance = setUp(t);
  const file = instance.path("f2b.sqlite3");
  instance.start();
  const many = Array.from({ length: 600 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  instance.client("set", "j", "banip", ...many);
  await instance.stop();
  const size = Number(
    rows(file, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")[0]![0],
  );
  truncateSync(file, size - 3 * 4096);
  instance.start();
  assert.match(
    instance.read("fail2ban.log"),
    /Error opening fail2ban persistent database '.*': database disk image is malformed/,
  );
  assert.match(instance.read("fail2ban.log"), /Repair seems to be successful, restored \d+ byte/);
  const saved = banned(instance).length;
  assert.ok(saved > 300, `${saved} of 600 bans are saved`);
  assert.equal(rows(file, "PRAGMA integrity_check")[0]![0], "ok");
});

test("locked by another program: bans go on, and are written when the lock is gone", async (t) => {
  const instance = setUp(t);
  instance.start();
  // The server may be writing just now.
  const other = new DatabaseSync(instance.path("f2b.sqlite3"), { timeout: 60_000 });
  other.exec("BEGIN IMMEDIATE");
  await ban(instance, "203.0.113.1");
  await logged(instance, "ERROR +Unable to write to database '.*': database is locked. \\d+ change");
  await ban(instance, "203.0.113.2");
  other.exec("COMMIT");
  other.close();
  await logged(instance, "NOTICE +Database '.*' can be written again");
  assert.deepEqual(rows(instance.path("f2b.sqlite3"), "SELECT ip FROM bips ORDER BY ip").flat(), [
    "203.0.113.1",
    "203.0.113.2",
  ]);
});

test("deleted under the running server: nothing is lost, not even in a crash", async (t) => {
  const instance = setUp(t);
  const file = instance.path("f2b.sqlite3");
  instance.start();
  await ban(instance, "203.0.113.1");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  await ban(instance, "203.0.113.2");
  await logged(instance, "WARNING +Database '.*' was removed or replaced while it was in use");
  await logged(instance, "NOTICE +Database '.*' can be opened again");
  await ban(instance, "203.0.113.3");
  assert.doesNotMatch(instance.read("fail2ban.log"), /already banned|ERROR/);
  await instance.kill();
  instance.start();
  assert.deepEqual(banned(instance), ["203.0.113.1", "203.0.113.2", "203.0.113.3"]);
  assert.match(instance.read("fail2ban.log"), /Added logfile: '.*j\.log' \(pos = [1-9]/);
});

/** An instance whose database is on a disk of its own. */
async function onSmallDisk(t: TestContext, kibibytes = 1024) {
  const path = mkdtempSync(join(tmpdir(), "f2b-disk-"));
  const disk = await SmallDisk.mount(path, kibibytes);
  const instance = setUp(t, { disk, database: `${path}/f2b.sqlite3` });
  t.after(() => {
    disk.release();
    rmSync(path, { recursive: true });
  });
  return { disk, instance };
}

const skip = skipWithoutMounts();

test("the disk is full from the beginning: bans are in memory, and in the file when there is room", {
  skip,
}, async (t) => {
  const { disk, instance } = await onSmallDisk(t);
  disk.fill();
  instance.start();
  await logged(instance, "ERROR +Bans are kept in memory only, until database '.*' can be opened");
  assert.match(instance.read("fail2ban.log"), /database or disk is full|ENOSPC/);
  await ban(instance, "203.0.113.1");
  disk.clear();
  await logged(instance, "NOTICE +Database '.*' can be opened again, with the bans that were kept in memory");
  await ban(instance, "203.0.113.2");
  instance.client("restart");
  assert.deepEqual(banned(instance), ["203.0.113.1", "203.0.113.2"]);
});

test("the disk becomes full: bans go on, and are written when there is room", { skip }, async (t) => {
  const { disk, instance } = await onSmallDisk(t);
  instance.start();
  await ban(instance, "203.0.113.1");
  disk.fill();
  const many = Array.from({ length: 600 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  instance.client("set", "j", "banip", ...many);
  await logged(instance, "ERROR +Unable to write to database '.*': database or disk is full. \\d+ change");
  await ban(instance, "203.0.113.2");
  disk.clear();
  await logged(instance, "NOTICE +Database '.*' can be written again");
  instance.client("restart");
  assert.equal(banned(instance).length, 602);
});

test("the disk becomes read-only: bans go on, and are written when it can be written", {
  skip,
}, async (t) => {
  const { disk, instance } = await onSmallDisk(t);
  instance.start();
  await ban(instance, "203.0.113.1");
  await instance.stop();
  disk.run(`mount -o remount,ro ${disk.path}`);
  instance.start();
  assert.deepEqual(banned(instance), ["203.0.113.1"]);
  await ban(instance, "203.0.113.2");
  await logged(instance, "ERROR +Unable to write to database '.*': attempt to write a readonly database");
  disk.run(`mount -o remount,rw ${disk.path}`);
  await logged(instance, "NOTICE +Database '.*' can be (written|opened) again");
  instance.client("restart");
  assert.deepEqual(banned(instance), ["203.0.113.1", "203.0.113.2"]);
});

test("there is no database on a read-only disk: one is begun when it can be", { skip }, async (t) => {
  const { disk, instance } = await onSmallDisk(t);
  disk.run(`mount -o remount,ro ${disk.path}`);
  instance.start();
  await logged(instance, "ERROR +Bans are kept in memory only, until database '.*' can be opened");
  await ban(instance, "203.0.113.1");
  disk.run(`mount -o remount,rw ${disk.path}`);
  await logged(instance, "NOTICE +Database '.*' can be opened again");
  instance.client("restart");
  assert.deepEqual(banned(instance), ["203.0.113.1"]);
});

test("the disk of the log is full: the server goes on, and says how many lines are missing", {
  skip,
}, async (t) => {
  const { disk, instance } = await onSmallDisk(t, 256);
  const settings = instance.read("etc/fail2ban.local");
  instance.write(
    "etc/fail2ban.local",
    settings
      .replace(/logtarget = .*/, `logtarget = ${disk.path}/f.log`)
      .replace(/dbfile = .*/, "dbfile = None"),
  );
  instance.start();
  disk.fill();
  // What is left of the last page is filled by the log itself.
  for (let i = 1; i <= 60; i++) fail(instance, `203.0.113.${i}`);
  await until(() => banned(instance).length === 60, "bans go on");
  disk.clear();
  await ban(instance, "203.0.113.100");
  const log = disk.run("cat f.log");
  const [gap, reason, count] =
    /Log file could not be written \((.*)\), (\d+) line\(s\) are missing before this one\n/.exec(log) ?? [];
  assert.ok(gap, log.slice(-500));
  assert.match(reason!, /ENOSPC|no space left/);
  assert.ok(Number(count) > 0);
  assert.match(log.slice(log.indexOf(gap)), /\] Ban 203\.0\.113\.100\n/);
});

test("directories of PID file and socket are made, and a missing one further up is told", (t) => {
  const instance = setUp(t);
  const settings = instance.read("etc/fail2ban.local");
  const place = (directory: string) =>
    instance.write("etc/fail2ban.local", settings.replaceAll(/\/f2b\.(sock|pid)/g, `/${directory}/f2b.$1`));
  place("run");
  instance.start();
  assert.match(instance.read("run/f2b.pid"), /^\d+\n$/);
  instance.client("stop");
  place("no/such");
  const result = instance.run("fail2ban-client", "-c", instance.path("etc"), "start");
  assert.equal(result.status, 255);
  assert.match(result.stderr, /no\/such/);
  assert.doesNotMatch(result.stderr, /\.ts:\d+/, "no stack trace");
});
