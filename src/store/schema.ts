import type { DatabaseSync } from "node:sqlite";

/** The version of the schema that is written. */
export const SCHEMA_VERSION = 4;

/*
 * The tables are those of the reference, column by column, and one of our own that it lets be, so that either program
 * can go on with the other's file. Mind the order of columns: `bans` begins with the jail, `bips` with the address.
 */
const TABLES = {
  fail2banDb: ["CREATE TABLE IF NOT EXISTS fail2banDb (version INTEGER)"],
  jails: [
    `CREATE TABLE IF NOT EXISTS jails (
       name TEXT NOT NULL UNIQUE,
       enabled INTEGER NOT NULL DEFAULT 1
     )`,
    "CREATE INDEX IF NOT EXISTS jails_name ON jails (name)",
  ],
  logs: [
    `CREATE TABLE IF NOT EXISTS logs (
       jail TEXT NOT NULL REFERENCES jails (name) ON DELETE CASCADE,
       path TEXT,
       firstlinemd5 TEXT,
       lastfilepos INTEGER DEFAULT 0,
       UNIQUE (jail, path),
       UNIQUE (jail, path, firstlinemd5)
     )`,
    "CREATE INDEX IF NOT EXISTS logs_path ON logs (path)",
    "CREATE INDEX IF NOT EXISTS logs_jail_path ON logs (jail, path)",
  ],
  bans: [
    `CREATE TABLE IF NOT EXISTS bans (
       jail TEXT NOT NULL REFERENCES jails (name),
       ip TEXT,
       timeofban INTEGER NOT NULL,
       bantime INTEGER NOT NULL,
       bancount INTEGER NOT NULL DEFAULT 1,
       data JSON
     )`,
    "CREATE INDEX IF NOT EXISTS bans_jail_timeofban_ip ON bans (jail, timeofban)",
    "CREATE INDEX IF NOT EXISTS bans_jail_ip ON bans (jail, ip)",
    "CREATE INDEX IF NOT EXISTS bans_ip ON bans (ip)",
  ],
  bips: [
    `CREATE TABLE IF NOT EXISTS bips (
       ip TEXT NOT NULL,
       jail TEXT NOT NULL REFERENCES jails (name),
       timeofban INTEGER NOT NULL,
       bantime INTEGER NOT NULL,
       bancount INTEGER NOT NULL DEFAULT 1,
       data JSON,
       PRIMARY KEY (ip, jail)
     )`,
    "CREATE INDEX IF NOT EXISTS bips_timeofban ON bips (timeofban)",
    "CREATE INDEX IF NOT EXISTS bips_ip ON bips (ip)",
  ],
  // Ours; the reference lets it be. What a jail has counted and decided nothing about yet.
  fail2ban_ts_pending: [
    `CREATE TABLE IF NOT EXISTS fail2ban_ts_pending (
       jail TEXT NOT NULL REFERENCES jails (name) ON DELETE CASCADE,
       key TEXT NOT NULL,
       data JSON,
       PRIMARY KEY (jail, key)
     )`,
  ],
} as const;

/** The tables' names, each after those it refers to. */
export const TABLE_NAMES = ["fail2banDb", "jails", "logs", "bans", "bips", "fail2ban_ts_pending"] as const;

/** The columns of each table in their order. */
export const COLUMNS: Readonly<Record<(typeof TABLE_NAMES)[number], readonly string[]>> = {
  fail2banDb: ["version"],
  jails: ["name", "enabled"],
  logs: ["jail", "path", "firstlinemd5", "lastfilepos"],
  bans: ["jail", "ip", "timeofban", "bantime", "bancount", "data"],
  bips: ["ip", "jail", "timeofban", "bantime", "bancount", "data"],
  fail2ban_ts_pending: ["jail", "key", "data"],
};

/** The table of our own. */
export const PENDING = "fail2ban_ts_pending";

/** The statement that creates it, if it is not there. */
export const CREATE_PENDING = TABLES[PENDING][0];

/** Creates what is missing; an existing table stays as it is. Writes nothing when nothing is missing. */
export function createMissing(database: DatabaseSync): void {
  const present = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const names = new Set(present.map((row) => row["name"]));
  // Ours comes with the first row for it: a file that cannot be written at present must be usable all the same.
  if (TABLE_NAMES.every((name) => names.has(name) || name === PENDING)) return;
  inTransaction(database, () => {
    for (const name of TABLE_NAMES) create(database, name);
    if (!database.prepare("SELECT 1 FROM fail2banDb").get()) {
      database.prepare("INSERT INTO fail2banDb (version) VALUES (?)").run(SCHEMA_VERSION);
    }
  });
}

/** The version of the schema in a file; `null` when it has none, as a new file. @throws SQLite's error */
export function readVersion(database: DatabaseSync): number | null {
  const known = database
    .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'fail2banDb'")
    .get();
  if (!known) return null;
  const row = database.prepare("SELECT version FROM fail2banDb LIMIT 1").get();
  const version = Number(row?.["version"]);
  return Number.isInteger(version) ? version : null;
}

/** Brings a file of an older version up to date, all or nothing. @throws SQLite's error */
export function migrate(database: DatabaseSync, version: number): void {
  inTransaction(database, () => {
    if (version < 2) recreateLogs(database);
    if (version < 3) recreateBans(database);
    if (version < 4) fillBips(database);
    for (const name of TABLE_NAMES) create(database, name);
    database.prepare("UPDATE fail2banDb SET version = ?").run(SCHEMA_VERSION);
  });
}

/** Runs `work` in one transaction and undoes all of it when it throws. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    // A failure that is grave enough has ended the transaction already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function create(database: DatabaseSync, name: keyof typeof TABLES): void {
  for (const statement of TABLES[name]) database.exec(statement);
}

function recreateLogs(database: DatabaseSync): void {
  setAside(database, "logs", () => {
    database.exec(
      `INSERT OR REPLACE INTO logs (jail, path, firstlinemd5, lastfilepos)
       SELECT jail, path, firstlinemd5, lastfilepos FROM logs_old ORDER BY rowid`,
    );
  });
}

/** How long the bans of the oldest files were to last is not known, which -2 stands for. */
function recreateBans(database: DatabaseSync): void {
  setAside(database, "bans", () => {
    database.exec(
      `INSERT INTO bans (jail, ip, timeofban, bantime, bancount, data)
       SELECT jail, ip, timeofban, -2, 1, data FROM bans_old ORDER BY rowid`,
    );
  });
}

function fillBips(database: DatabaseSync): void {
  create(database, "bips");
  // Of rows that have the greatest timeofban in common, a bare column shows any; the newest row must win.
  database.exec(
    `INSERT OR REPLACE INTO bips (ip, jail, timeofban, bantime, bancount, data)
     SELECT ip, jail, timeofban, bantime, bancount, data FROM bans
     WHERE ip IS NOT NULL ORDER BY timeofban, rowid`,
  );
}

function setAside(database: DatabaseSync, name: "logs" | "bans", copy: () => void): void {
  const indexes = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
    .all(name);
  if (!database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name)) return;
  for (const index of indexes) database.exec(`DROP INDEX "${String(index["name"]).replaceAll('"', '""')}"`);
  database.exec(`ALTER TABLE ${name} RENAME TO ${name}_old`);
  create(database, name);
  copy();
  database.exec(`DROP TABLE ${name}_old`);
}
