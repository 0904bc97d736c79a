import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { ban, NOW, policy, rows, setUp } from "./testing.ts";

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
