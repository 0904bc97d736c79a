import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import { salvage } from "./salvage.ts";
import { createMissing, migrate, readVersion, SCHEMA_VERSION } from "./schema.ts";
import { DatabaseError, isDamage, sqliteMessage } from "./sqlite-error.ts";

/** What opening a database needs. */
export interface OpenOptions {
  readonly clock: Clock;
  /** `fail2ban.database` */
  readonly log: Logger;
  /** Whether to wait some seconds for another program's lock; true by default. */
  readonly patient?: boolean;
  /** Told once, by a commit, that the file is gone from its path or another one is there. */
  readonly onDisplaced?: () => void;
}

/** Longest wait for another program's lock while opening; the server is only starting then. */
const OPEN_TIMEOUT_MS = 5000;
/** Longest wait for another program's lock afterwards; what does not succeed is tried again later. */
const BUSY_TIMEOUT_MS = 50;

/**
 * Opens a database file and brings it into the present form: a missing file is created, an older version is
 * migrated after a backup, a damaged file is set aside under a backup's name and what can be read of it is saved.
 *
 * @throws DatabaseError when the file cannot be used; the reason was logged
 */
export function openDatabase(file: string, options: OpenOptions): DatabaseSync {
  const { log } = options;
  let database = connect(file, options);
  log.info(`Connected to fail2ban persistent database '${file}'`);
  try {
    try {
      upToDate(database, file, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      log.error(`Error opening fail2ban persistent database '${file}': ${sqliteMessage(error)}`);
      database = repair(database, file, options);
    }
    configure(database, file, log);
    return database;
  } catch (error) {
    closeQuietly(database);
    if (error instanceof DatabaseError) throw error;
    const reason = sqliteMessage(error);
    log.error(`Error connecting to fail2ban persistent database '${file}': ${reason}`);
    throw new DatabaseError(file, `Cannot use database '${file}': ${reason}`, { cause: error });
  }
}

/** `FILE.YYYYMMDD-HHMMSS` in UTC, or with a number behind it if that name is taken. */
export function backupName(file: string, clock: Clock): string {
  const stamp = new Date(clock.now() * 1000).toISOString().slice(0, 19);
  const name = `${file}.${stamp.replace(/[-:]/g, "").replace("T", "-")}`;
  let free = name;
  for (let i = 1; existsSync(free); i++) free = `${name}-${i}`;
  return free;
}

function connect(file: string, { log, patient = true }: OpenOptions): DatabaseSync {
  try {
    if (file !== ":memory:") prepareFile(file);
    return new DatabaseSync(file, { timeout: patient ? OPEN_TIMEOUT_MS : BUSY_TIMEOUT_MS });
  } catch (error) {
    const reason = sqliteMessage(error);
    log.error(`Error connecting to fail2ban persistent database '${file}': ${reason}`);
    throw new DatabaseError(file, `Cannot open database '${file}': ${reason}`, { cause: error });
  }
}

/** Only root may read who was banned, whatever the umask; files beside the database take over its mode. */
function prepareFile(file: string): void {
  const directory = dirname(file);
  if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, "wx", 0o600));
}

function upToDate(database: DatabaseSync, file: string, options: OpenOptions): void {
  const { log } = options;
  const version = readVersion(database);
  if (version === null) {
    createMissing(database);
    log.warning(`New database created. Version '${SCHEMA_VERSION}'`);
    return;
  }
  if (version > SCHEMA_VERSION) {
    throw new DatabaseError(
      file,
      "Attempt to travel to future version of database ...how did you get here?? " +
        `'${file}' has version ${version}, newer than ${SCHEMA_VERSION}`,
    );
  }
  check(database);
  if (version < SCHEMA_VERSION) upgrade(database, file, version, options);
  createMissing(database);
}

/** Finds damage that would show only later otherwise. @throws an error like SQLite's when there is some */
function check(database: DatabaseSync): void {
  const found = database.prepare("PRAGMA quick_check(1)").get();
  const verdict = String(Object.values(found ?? {})[0]);
  if (verdict === "ok") return;
  throw Object.assign(new Error("database disk image is malformed"), {
    errcode: 11,
    errstr: "database disk image is malformed",
  });
}

function upgrade(database: DatabaseSync, file: string, version: number, options: OpenOptions): void {
  const { log, clock } = options;
  const backup = backupName(file, clock);
  log.info(`Upgrade database: ${backup} from version '${version}'`);
  if (file !== ":memory:") {
    // After a crash the newest changes may still stand in a file beside it.
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    copyFileSync(file, backup);
    log.info(`  Database backup created: ${backup}`);
  }
  try {
    migrate(database, version);
  } catch (error) {
    log.error(`Failed to upgrade database '${file}': ${sqliteMessage(error)}`);
    throw Object.assign(new Error(sqliteMessage(error), { cause: error }), { errcode: 11 });
  }
  log.warning(`Database updated from '${version}' to '${SCHEMA_VERSION}'`);
}

/** Sets the damaged file aside and saves what can be read. The damaged file is kept. */
function repair(damaged: DatabaseSync, file: string, options: OpenOptions): DatabaseSync {
  const { log, clock } = options;
  log.info(`Trying to repair database ${file}`);
  closeQuietly(damaged);
  const backup = backupName(file, clock);
  renameSync(file, backup);
  for (const suffix of ["-wal", "-shm", "-journal"]) {
    if (existsSync(file + suffix)) renameSync(file + suffix, backup + suffix);
  }
  log.info(`  Database backup created: ${backup}`);
  const database = connect(file, options);
  const rows = salvage(backup, database);
  if (rows > 0) {
    log.info(`  Repair seems to be successful, restored ${statSync(file).size} byte(s).`);
    return database;
  }
  log.info("  Repair seems to be failed, restored 0 byte(s).");
  log.error(`  Error repairing of fail2ban database '${file}': Recreate ...`);
  log.warning(`New database created. Version '${SCHEMA_VERSION}'`);
  return database;
}

/**
 * Write-ahead log: a commit appends to one file, without waiting for the disk, and other programs may read
 * meanwhile. With `synchronous = NORMAL` what was committed survives the death of the process; to survive a power
 * cut, too, the log is synced in the background after bans (see `WalSync`). Where there can be no such log (some
 * network file systems, a read-only disk) SQLite's classic journal does, with every commit synced.
 */
export function configure(database: DatabaseSync, file: string, log: Logger): void {
  database.exec("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY");
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  if (file === ":memory:") return;
  let mode = "";
  try {
    mode = String(database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]);
  } catch (error) {
    log.debug(`No write-ahead log for database '${file}': ${sqliteMessage(error)}`);
  }
  database.exec(`PRAGMA synchronous = ${mode === "wal" ? "NORMAL" : "FULL"}`);
  syncDirectory(dirname(file));
}

/** Makes sure that the names of new files survive a power cut. */
function syncDirectory(directory: string): void {
  try {
    const fd = openSync(directory, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not every file system knows that; then there is nothing to do.
  }
}

function closeQuietly(database: DatabaseSync): void {
  try {
    if (database.isOpen) database.close();
  } catch {
    // It could not be used anyway.
  }
}
