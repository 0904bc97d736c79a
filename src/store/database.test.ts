import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";
import type { RestorePolicy } from "./restore-policy.ts";
import type { StoredBan } from "./stored-ban.ts";

const NOW = 1_790_000_000;

function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "f2b-store-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "fail2ban.sqlite3");
  const messages: string[] = [];
  const log = new LogHub(({ level, message }) => messages.push(`${level} ${message}`), LEVELS.INFO).logger(
    "database",
  );
  const clock = new ManualClock(NOW);
  const open = (path = file) => {
    const database = BanDatabase.open(path, { clock, log });
    t.after(() => database.close());
    return database;
  };
  return { directory, file, messages, clock, open, log };
}

function ban(ip: string, extra: Partial<StoredBan> = {}): StoredBan {
  return {
    ip,
    timeOfBan: NOW - 10,
    bantime: 600,
    banCount: 1,
    data: { matches: ["a line"], failures: 3 },
    ...extra,
  };
}

const policy = (extra: Partial<RestorePolicy> = {}): RestorePolicy => ({
  now: NOW,
  banTime: 600,
  increment: false,
  maxMatches: 5,
  ...extra,
});

function rows(file: string, sql: string): unknown[][] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  } finally {
    database.close();
  }
}

test("a new database has the schema that other programs know, and nothing stays beside it", (t) => {
  const { file, directory, messages, open } = setUp(t);
  open().close();
  assert.deepEqual(messages, [
    `20 Connected to fail2ban persistent database '${file}'`,
    "30 New database created. Version '4'",
    "20 Connection to database closed.",
  ]);
  assert.deepEqual(readdirSync(directory), ["fail2ban.sqlite3"]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(rows(file, "SELECT version FROM fail2banDb"), [[4]]);
  assert.deepEqual(rows(file, "PRAGMA journal_mode"), [["delete"]]);
  assert.deepEqual(rows(file, "SELECT name FROM pragma_table_info('bips')").flat(), [
    "ip",
    "jail",
    "timeofban",
    "bantime",
    "bancount",
    "data",
  ]);
  assert.deepEqual(rows(file, "SELECT name FROM pragma_table_info('bans')").flat(), [
    "jail",
    "ip",
    "timeofban",
    "bantime",
    "bancount",
    "data",
  ]);
  assert.deepEqual(
    rows(file, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1").flat(),
    [
      "bans_ip",
      "bans_jail_ip",
      "bans_jail_timeofban_ip",
      "bips_ip",
      "bips_timeofban",
      "jails_name",
      "logs_jail_path",
      "logs_path",
    ],
  );
});

test("the last level of the directory is made, readable for nobody else", (t) => {
  const { directory, open } = setUp(t);
  const file = join(directory, "lib", "f2b.db");
  open(file).close();
  assert.equal(statSync(join(directory, "lib")).mode & 0o777, 0o700);
  assert.throws(() => open(join(directory, "no", "such", "f2b.db")), /Cannot open database '.*f2b\.db'/);
});

test("bans are written as the reference writes them", (t) => {
  const { file, clock, open } = setUp(t);
  const database = open();
  database.addJail("sshd");
  database.maxMatches = 2;
  database.addBan(
    "sshd",
    ban("192.0.2.7", {
      timeOfBan: NOW - 0.4,
      bantime: 600.5,
      data: {
        matches: ["dropped", ["", "Nov 21 03:06:15", " host böb"], "two"],
        failures: 3,
        ip4: "192.0.2.7",
        user: "böb",
        users: new Set(["admin", "root"]),
        fid: ["aa", "bb"],
      },
    }),
  );
  database.maxMatches = 0;
  database.addBan("sshd", ban("192.0.2.8"));
  clock.advance(0.1);
  const expected = [
    [
      "sshd",
      "192.0.2.7",
      NOW,
      600.5,
      1,
      "blob",
      '{"matches": [["", "Nov 21 03:06:15", " host böb"], "two"], "failures": 3, "ip4": "192.0.2.7", ' +
        `"user": "böb", "users": "['admin', 'root']", "fid": ["aa", "bb"]}`,
    ],
    ["sshd", "192.0.2.8", NOW - 10, 600, 1, "blob", '{"failures": 3}'],
  ];
  for (const table of ["bans", "bips"]) {
    const sql = `SELECT jail, ip, timeofban, bantime, bancount, typeof(data), CAST(data AS TEXT) FROM ${table}`;
    assert.deepEqual(rows(file, sql), expected);
  }
  assert.deepEqual(rows(file, "SELECT typeof(timeofban), typeof(bantime) FROM bans"), [
    ["integer", "real"],
    ["integer", "integer"],
  ]);
});

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

test("jails are known, and regarded as stopped after a restart", (t) => {
  const { open } = setUp(t);
  const first = open();
  for (const name of ["b", "a", "c"]) first.addJail(name);
  first.disableJail("c");
  assert.deepEqual(first.jailNames(), ["a", "b", "c"]);
  assert.deepEqual(first.jailNames(true), ["a", "b"]);
  first.close();
  assert.deepEqual(open().jailNames(true), []);
});

test("restored bans follow the jail's present settings", (t) => {
  const { open } = setUp(t);
  const database = open();
  const stored: [string, number, number][] = [
    ["192.0.2.1", 100, 5000],
    ["192.0.2.2", 100, -1],
    ["192.0.2.3", 100, -2],
    ["192.0.2.4", 700, 5000],
    ["192.0.2.5", 100, 200],
    ["192.0.2.6", 300, 200],
  ];
  for (const [ip, age, bantime] of stored) database.addBan("j", ban(ip, { timeOfBan: NOW - age, bantime }));
  const restored = (extra: Partial<RestorePolicy>) =>
    database.currentBans("j", policy(extra)).map(({ ip, bantime }) => `${ip.at(-1)}:${bantime}`);
  assert.deepEqual(restored({}), ["1:600", "2:600", "3:600", "5:200"]);
  assert.deepEqual(restored({ increment: true }), ["1:5000", "2:-1", "3:600", "4:5000", "5:200"]);
  assert.deepEqual(restored({ increment: true, maxTime: 3000 }), [
    "1:3000",
    "2:3000",
    "3:600",
    "4:3000",
    "5:200",
  ]);
  assert.deepEqual(restored({ banTime: -1 }), ["1:5000", "2:-1", "3:-1", "4:5000", "5:200"]);
  assert.deepEqual(restored({ banTime: 50 }), []);
  assert.deepEqual(database.currentBans("other", policy()), []);
});

test("history of one jail and of all", (t) => {
  const { open } = setUp(t);
  const database = open();
  assert.equal(database.banHistory("192.0.2.1", "a"), null);
  database.addBan("a", ban("192.0.2.1", { banCount: 2, timeOfBan: NOW - 50 }));
  database.addBan("b", ban("192.0.2.1", { banCount: 3, timeOfBan: NOW - 20, bantime: 900 }));
  assert.deepEqual(database.banHistory("192.0.2.1", "a"), { timeOfBan: NOW - 50, bantime: 600, banCount: 2 });
  assert.deepEqual(database.banHistory("192.0.2.1", null), {
    timeOfBan: NOW - 20,
    bantime: 900,
    banCount: 5,
  });
  database.removeBans("a", ["192.0.2.1"]);
  assert.equal(database.banHistory("192.0.2.1", "a"), null);
  database.removeBans("b");
  assert.equal(database.banHistory("192.0.2.1", null), null);
});

test("bans of one address are merged, the newest lines last", (t) => {
  const { open } = setUp(t);
  const database = open();
  database.maxMatches = 3;
  database.addBan("a", ban("x", { timeOfBan: NOW - 30, data: { matches: ["1", "2"], failures: 2 } }));
  database.addBan("a", ban("x", { timeOfBan: NOW - 20, data: { matches: ["3", "4"], failures: 5 } }));
  database.addBan("b", ban("x", { timeOfBan: NOW - 10, data: { matches: ["5"], failures: 1 } }));
  assert.deepEqual(database.mergedBans("x", "a"), { failures: 7, matches: ["2", "3", "4"] });
  assert.deepEqual(database.mergedBans("x", null), { failures: 8, matches: ["3", "4", "5"] });
  database.addBan("a", ban("x", { data: { matches: ["6"], failures: 1 } }));
  assert.deepEqual(database.mergedBans("x", "a"), { failures: 8, matches: ["3", "4", "6"] });
  assert.deepEqual(database.mergedBans("y", "a"), { failures: 0, matches: [] });
});

test("purge forgets what is old, and jails that left nothing", (t) => {
  const { open } = setUp(t);
  const database = open();
  database.purgeAge = 1000;
  const stored: [string, number, number][] = [
    ["fresh", 10, 600],
    ["old", 3000, 600],
    ["bad", 1500, 600],
    ["forever", 9000, -1],
  ];
  for (const name of ["j", "gone", "on"]) database.addJail(name);
  database.disableJail("gone");
  database.addLog("gone", "/a", "h", 0);
  for (const [ip, age, bantime] of stored) database.addBan("j", ban(ip, { timeOfBan: NOW - age, bantime }));
  database.purge();
  assert.equal(database.mergedBans("old", "j").failures, 0);
  assert.equal(database.mergedBans("fresh", "j").failures, 3);
  const history = (ip: string) => database.banHistory(ip, "j") !== null;
  assert.deepEqual(
    [history("fresh"), history("old"), history("bad"), history("forever")],
    [true, false, true, true],
  );
  assert.deepEqual(database.jailNames(), ["j", "on"]);
  assert.equal(database.lastPosition("gone", "/a"), null);
});

test("unreadable data counts as empty", (t) => {
  const { file, messages, open } = setUp(t);
  const first = open();
  first.addBan("j", ban("192.0.2.1"));
  first.addBan("j", ban("192.0.2.2"));
  first.close();
  const raw = new DatabaseSync(file);
  raw.exec("UPDATE bips SET data = x'ff7b' WHERE ip = '192.0.2.1'");
  raw.exec(`UPDATE bips SET data = '{"matches": [1, "x"], "failures": 7}' WHERE ip = '192.0.2.2'`);
  raw.close();
  const [damaged, text] = open().currentBans("j", policy());
  assert.deepEqual(damaged?.data, { matches: [], failures: 1 });
  assert.deepEqual(text?.data, { matches: ["x"], failures: 7 });
  assert.ok(messages.some((message) => message.startsWith("40 json loads failed: ")));
});

test("versions 1 to 3 are migrated after a backup", (t) => {
  for (const version of [1, 2, 3]) {
    const { file, directory, messages, open } = setUp(t);
    const raw = new DatabaseSync(file);
    raw.exec("CREATE TABLE fail2banDb (version INTEGER)");
    raw.exec(`INSERT INTO fail2banDb VALUES (${version})`);
    raw.exec("CREATE TABLE jails (name TEXT NOT NULL UNIQUE, enabled INTEGER NOT NULL DEFAULT 1)");
    raw.exec("INSERT INTO jails VALUES ('j', 1)");
    raw.exec(
      "CREATE TABLE logs (jail TEXT NOT NULL, path TEXT, firstlinemd5 TEXT, lastfilepos INTEGER DEFAULT 0, " +
        "UNIQUE (jail, path, firstlinemd5))",
    );
    raw.exec("INSERT INTO logs VALUES ('j', '/a', 'h', 3)");
    const more = version < 3 ? "" : ", bantime INTEGER NOT NULL, bancount INTEGER NOT NULL DEFAULT 1";
    raw.exec(`CREATE TABLE bans (jail TEXT NOT NULL, ip TEXT, timeofban INTEGER NOT NULL${more}, data JSON)`);
    raw.exec("CREATE INDEX bans_ip ON bans (ip)");
    const values = version < 3 ? "" : ", 900, 2";
    raw.exec(`INSERT INTO bans VALUES ('j', '192.0.2.1', ${NOW - 300}${values}, '{"failures": 1}')`);
    raw.exec(`INSERT INTO bans VALUES ('j', '192.0.2.1', ${NOW - 100}${values}, '{"failures": 2}')`);
    raw.close();
    if (version > 1) addSecondUniqueness(file);
    const database = open();
    const backup = `${file}.20260921-141320`;
    assert.deepEqual(messages.slice(1, 4), [
      `20 Upgrade database: ${backup} from version '${version}'`,
      `20   Database backup created: ${backup}`,
      `30 Database updated from '${version}' to '4'`,
    ]);
    assert.ok(readdirSync(directory).includes("fail2ban.sqlite3.20260921-141320"));
    const [restored] = database.currentBans("j", policy({ banTime: 700 }));
    assert.deepEqual(restored, {
      ip: "192.0.2.1",
      timeOfBan: NOW - 100,
      bantime: 700,
      banCount: version < 3 ? 1 : 2,
      data: { matches: [], failures: 2 },
    });
    assert.equal(database.mergedBans("192.0.2.1", "j").failures, 3);
    assert.equal(database.addLog("j", "/a", "h", 0), 3);
    database.updatePosition("j", "/a", "h", 4);
    assert.equal(database.addLog("j", "/a", "h", 0), 4);
  }
});

/** Version 2 brought the second uniqueness of logs. */
function addSecondUniqueness(file: string): void {
  const raw = new DatabaseSync(file);
  raw.exec("CREATE UNIQUE INDEX logs_once ON logs (jail, path)");
  raw.close();
}

test("a version from the future is refused", (t) => {
  const { file, open } = setUp(t);
  open().close();
  const raw = new DatabaseSync(file);
  raw.exec("UPDATE fail2banDb SET version = 5");
  raw.close();
  assert.throws(
    () => open(),
    /^DatabaseError: Attempt to travel to future version of database \.\.\.how did/,
  );
});

test("what is no database is set aside", (t) => {
  const { file, messages, open } = setUp(t);
  writeFileSync(file, "this is not a database at all, but longer than a header".repeat(20));
  const database = open();
  database.addBan("j", ban("192.0.2.1"));
  assert.equal(database.currentBans("j", policy()).length, 1);
  const backup = `${file}.20260921-141320`;
  assert.deepEqual(messages, [
    `20 Connected to fail2ban persistent database '${file}'`,
    `40 Error opening fail2ban persistent database '${file}': file is not a database`,
    `20 Trying to repair database ${file}`,
    `20   Database backup created: ${backup}`,
    "20   Repair seems to be failed, restored 0 byte(s).",
    `40   Error repairing of fail2ban database '${file}': Recreate ...`,
    "30 New database created. Version '4'",
  ]);
  assert.match(readFileSync(backup, "utf8"), /^this is not a database/);
});

test("of a damaged database everything readable is saved", (t) => {
  const { file, messages, open } = setUp(t);
  const first = open();
  for (let i = 0; i < 3000; i++) first.addBan("j", ban(`192.0.${i >> 8}.${i & 255}`));
  first.close();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 40 * 4096, 43 * 4096);
  writeFileSync(file, bytes);
  const database = open();
  const saved = database.currentBans("j", policy()).length;
  assert.ok(saved > 2500, `${saved} of 3000`);
  assert.ok(
    messages.some((message) => /^20 {3}Repair seems to be successful, restored \d+ byte/.test(message)),
  );
  database.addBan("j", ban("192.0.2.255"));
  assert.equal(database.flush(), true);
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
  t.after(() => chmodSync(directory, 0o700));
  const database = open();
  assert.equal(database.currentBans("j", policy()).length, 1);
  assert.ok(messages.some((message) => message.startsWith("40 Unable to write to database")));
});
