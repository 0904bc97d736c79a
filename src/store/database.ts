import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Logger } from "../log/logger.ts";
import { configure, type OpenOptions, openDatabase } from "./open-database.ts";
import { limitsAge, type RestorePolicy, restoredBanTime } from "./restored-bans.ts";
import { CREATE_PENDING, inTransaction, PENDING } from "./schema.ts";
import { sqliteMessage } from "./sqlite-error.ts";
import { decodeData, encodeData, type StoredBan, type StoredData, type StoredMatch } from "./stored-ban.ts";
import { WalSync } from "./wal-sync.ts";
import { WriteQueue } from "./write-queue.ts";

/** What the database knows of an identifier's earlier bans. */
export interface BanHistory {
  /** When the last one began, seconds since 1970 UTC. */
  readonly timeOfBan: number;
  /** How long the last one was to last, in seconds; -1 for ever. */
  readonly bantime: number;
  /** How many there were. */
  readonly banCount: number;
}

/** A ban as it is on record. Times are whole seconds. */
export interface RecordedBan {
  readonly jail: string;
  readonly id: string;
  /** When it began, seconds since 1970 UTC. */
  readonly time: number;
  /** How long it was to last; -1: for ever. */
  readonly seconds: number;
  /** Which ban of the identifier in this jail it was, counted from 1. */
  readonly number: number;
  readonly failures: number;
  /** The matched lines that were kept, oldest first. */
  readonly matches: readonly string[];
}

/** Which bans on record are wanted. */
export interface RecordedBanQuery {
  readonly jail?: string | undefined;
  readonly id?: string | undefined;
  /** Earliest time, seconds since 1970 UTC. */
  readonly since?: number | undefined;
  /** Most bans; the newest are taken. */
  readonly limit: number;
}

/** All bans of an identifier taken together. */
export interface MergedBans {
  /** Sum of the failures. */
  readonly failures: number;
  /** The newest matched lines, oldest first. */
  readonly matches: readonly StoredMatch[];
}

const UPDATE_LOG =
  "ON CONFLICT (jail, path) DO UPDATE SET firstlinemd5 = excluded.firstlinemd5, lastfilepos = excluded.lastfilepos";
const UPDATE_BIP =
  "ON CONFLICT (ip, jail) DO UPDATE SET timeofban = excluded.timeofban, bantime = excluded.bantime, " +
  "bancount = bancount + excluded.bancount, data = excluded.data";
const DEFAULT_PURGE_AGE = 86_400;
const DEFAULT_MAX_MATCHES = 10;
const MOST_MERGED_KEPT = 1000;

/**
 * The persistent memory: bans, and how far log files were read.
 *
 * Writing never throws and never waits for the disk: changes are committed in common at the end of the round of the
 * event loop, those that cannot be written wait (see `WriteQueue`). Reading sees everything written before; if
 * the file cannot be read, that is logged and the answer is as from an empty database.
 */
export class BanDatabase {
  /** Path of the file, or `:memory:`. */
  readonly file: string;
  /** Age in seconds from which on bans are purged. */
  purgeAge = DEFAULT_PURGE_AGE;
  #maxMatches = DEFAULT_MAX_MATCHES;
  readonly #database: DatabaseSync;
  readonly #queue: WriteQueue;
  readonly #wal: WalSync | null;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #statements = new Map<string, StatementSync>();
  readonly #merged = new Map<string, MergedBans>();
  readonly #unfinished: Set<string>;
  #closed = false;

  private constructor(file: string, database: DatabaseSync, options: OpenOptions) {
    this.file = file;
    this.#database = database;
    this.#log = options.log;
    this.#now = () => options.clock.now();
    this.#wal =
      file === ":memory:"
        ? null
        : new WalSync(file, (error) => {
            this.#log.error(`Unable to sync database '${file}': ${error.message}`);
          });
    this.#queue = new WriteQueue(
      database,
      file,
      options.clock,
      options.log,
      () => this.#wal?.sync(),
      () => this.#reopen(),
    );
    this.#unfinished = new Set(this.jailNames(true));
    this.#queue.add(() => this.#run("UPDATE jails SET enabled = 0"));
    this.#queue.flush();
  }

  /**
   * Opens or creates a database file; `:memory:` lives as long as the process. Old versions are migrated, damaged
   * files repaired or set aside. All jails are regarded as stopped.
   *
   * @throws DatabaseError when the file cannot be used; the reason was logged
   */
  static open(file: string, options: OpenOptions): BanDatabase {
    return new BanDatabase(file, openDatabase(file, options), options);
  }

  /**
   * Writes down all that another database knows, and takes over its settings. What both know of an identifier's last
   * ban is the other's, with the bans of both counted.
   *
   * @throws SQLite's error when that cannot be written now; nothing is then
   */
  takeOver(other: BanDatabase): void {
    other.flush();
    this.flush();
    this.purgeAge = other.purgeAge;
    this.maxMatches = other.maxMatches;
    const rows = (table: string) => other.#read(`SELECT * FROM ${table} ORDER BY rowid`);
    const tables = { jails: rows("jails"), logs: rows("logs"), bans: rows("bans"), bips: rows("bips") };
    const pending = tables.jails.flatMap(({ name }) =>
      other.pending(String(name)).map(([key, data]) => ({ jail: name, key, data })),
    );
    inTransaction(this.#database, () => {
      this.#run(CREATE_PENDING);
      for (const row of tables.jails)
        this.#insert("jails", row, "ON CONFLICT (name) DO UPDATE SET enabled = 1");
      for (const row of tables.logs) this.#insert("logs", row, UPDATE_LOG);
      for (const row of tables.bans) this.#insert("bans", row);
      for (const row of tables.bips) this.#insert("bips", row, UPDATE_BIP);
      for (const row of pending) this.#insert(PENDING, row, "ON CONFLICT DO NOTHING");
    });
  }

  #insert(table: string, row: Record<string, unknown>, conflict = ""): void {
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    const values = Object.values(row) as (string | number | Uint8Array)[];
    this.#run(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places}) ${conflict}`, ...values);
  }

  /** Most matched lines that are kept for a ban (`dbmaxmatches`); 0 for none. */
  get maxMatches(): number {
    return this.#maxMatches;
  }

  set maxMatches(value: number) {
    this.#maxMatches = value;
    this.#merged.clear();
  }

  /** A jail starts. */
  addJail(name: string): void {
    this.#queue.add(() => {
      this.#run(
        "INSERT INTO jails (name, enabled) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET enabled = 1",
        name,
      );
    });
  }

  /** A jail stopped or was removed; its bans stay, what was pending is forgotten. */
  disableJail(name: string): void {
    this.#queue.forget(pendingKey(name));
    this.#queue.add(() => {
      this.#run("UPDATE jails SET enabled = 0 WHERE name = ?", name);
      this.#run(CREATE_PENDING);
      this.#run(`DELETE FROM ${PENDING} WHERE jail = ?`, name);
    });
  }

  /**
   * Whether the server that had the file before ended without stopping this jail, so that its bans may still be in
   * force outside. True only once: the caller puts that in order.
   */
  takeUnfinished(jail: string): boolean {
    return this.#unfinished.delete(jail);
  }

  /**
   * Something that a jail has counted and not decided has changed. It is written in one transaction with the
   * positions of the jail's logs, so that after a crash each line has been counted or will be, never both.
   *
   * @param changes asked when it is written: texts by key, `null` for what is decided
   * @param written called when it is
   */
  updatePending(
    jail: string,
    changes: () => Iterable<readonly [string, string | null]>,
    written: () => void,
  ): void {
    const writeAll = () => {
      this.#ensureJail(jail);
      this.#run(CREATE_PENDING);
      const remove = this.#prepare(`DELETE FROM ${PENDING} WHERE jail = ? AND key = ?`);
      const write = this.#prepare(
        `INSERT INTO ${PENDING} (jail, key, data) VALUES (?, ?, ?)
         ON CONFLICT (jail, key) DO UPDATE SET data = excluded.data`,
      );
      for (const [key, data] of changes()) {
        if (data === null) remove.run(jail, key);
        else write.run(jail, key, data);
      }
    };
    this.#queue.addLazily(pendingKey(jail), writeAll, written);
  }

  /** What {@link updatePending} wrote and a crash left behind, by key. */
  pending(jail: string): [key: string, data: string][] {
    if (this.#read("SELECT 1 FROM sqlite_master WHERE name = ?", PENDING).length === 0) return [];
    const rows = this.#read(`SELECT key, data FROM ${PENDING} WHERE jail = ? ORDER BY rowid`, jail);
    return rows.map((row) => [String(row["key"]), String(row["data"])]);
  }

  /** Names of the jails that are known, only the running ones if `enabledOnly`. */
  jailNames(enabledOnly = false): string[] {
    const where = enabledOnly ? " WHERE enabled = 1" : "";
    return this.#read(`SELECT name FROM jails${where} ORDER BY name`).map((row) => String(row["name"]));
  }

  /**
   * A jail begins to read a log file.
   *
   * @param firstLineHash mark of the file as it is now
   * @param position where reading will begin if nothing better is known
   * @returns the position up to which the file was read before, if it is still the same file; else `null`
   */
  addLog(jail: string, path: string, firstLineHash: string, position: number): number | null {
    this.#queue.flush();
    const row = this.#read(
      "SELECT firstlinemd5, lastfilepos FROM logs WHERE jail = ? AND path = ?",
      jail,
      path,
    )[0];
    if (row) return row["firstlinemd5"] === firstLineHash ? Number(row["lastfilepos"] ?? 0) : null;
    this.#queue.add(() => {
      this.#ensureJail(jail);
      this.#run(
        "INSERT OR IGNORE INTO logs (jail, path, firstlinemd5, lastfilepos) VALUES (?, ?, ?, ?)",
        jail,
        path,
        firstLineHash,
        position,
      );
    });
    return null;
  }

  /** A log file was read up to here (bytes), or a journal (seconds since 1970). Written with the next ban or in 10 s. */
  updatePosition(jail: string, path: string, firstLineHash: string, position: number): void {
    this.#queue.addLazily(`${jail}\0${path}`, () => {
      this.#ensureJail(jail);
      this.#run(
        `INSERT INTO logs (jail, path, firstlinemd5, lastfilepos) VALUES (?, ?, ?, ?)
         ON CONFLICT (jail, path) DO UPDATE
         SET firstlinemd5 = excluded.firstlinemd5, lastfilepos = excluded.lastfilepos`,
        jail,
        path,
        firstLineHash,
        position,
      );
    });
  }

  /** Where reading of a path was left, whatever the mark; `null` if nothing is known. For the journal. */
  lastPosition(jail: string, path: string): number | null {
    this.#queue.flush();
    const row = this.#read("SELECT lastfilepos FROM logs WHERE jail = ? AND path = ?", jail, path)[0];
    return row ? Number(row["lastfilepos"] ?? 0) : null;
  }

  /** The mark that was written with {@link lastPosition}. */
  lastMark(jail: string, path: string): string | null {
    this.#queue.flush();
    const row = this.#read("SELECT firstlinemd5 FROM logs WHERE jail = ? AND path = ?", jail, path)[0];
    return row ? String(row["firstlinemd5"] ?? "") : null;
  }

  /** Writes a new ban. At most {@link maxMatches} of its matched lines are kept. */
  addBan(jail: string, ban: StoredBan): void {
    const { ip, bantime, banCount } = ban;
    const time = Math.round(ban.timeOfBan);
    const data = encodeData(ban.data, this.#maxMatches);
    this.#forgetMerged(ip);
    this.#queue.add(() => {
      this.#ensureJail(jail);
      this.#run(
        "INSERT INTO bans (jail, ip, timeofban, bantime, bancount, data) VALUES (?, ?, ?, ?, ?, ?)",
        jail,
        ip,
        time,
        bantime,
        banCount,
        data,
      );
      this.#run(
        "INSERT OR REPLACE INTO bips (ip, jail, timeofban, bantime, bancount, data) VALUES (?, ?, ?, ?, ?, ?)",
        ip,
        jail,
        time,
        bantime,
        banCount,
        data,
      );
    });
  }

  /** Forgets bans of a jail: those of the given identifiers, or all of them. */
  removeBans(jail: string, ids?: readonly string[]): void {
    this.#merged.clear();
    this.#queue.add(() => {
      for (const table of ["bips", "bans"]) {
        if (!ids) this.#run(`DELETE FROM ${table} WHERE jail = ?`, jail);
        else for (const id of ids) this.#run(`DELETE FROM ${table} WHERE jail = ? AND ip = ?`, jail, id);
      }
    });
  }

  /** A ban has ended before its time: it keeps its place in the history, and is not taken over at the next start. */
  endBan(jail: string, id: string, now: number): void {
    this.#queue.add(() => {
      for (const table of ["bips", "bans"]) {
        this.#run(
          `UPDATE ${table} SET bantime = max(0, CAST(? AS INTEGER) - timeofban)
           WHERE jail = ? AND ip = ? AND (bantime < 0 OR timeofban + bantime > ?)`,
          Math.floor(now),
          jail,
          id,
          now,
        );
      }
    });
  }

  /**
   * The bans that a starting jail takes over, ordered by the text of the identifier, with the time they last by the
   * jail's present settings (see {@link restoredBanTime}).
   */
  currentBans(jail: string, policy: RestorePolicy): StoredBan[] {
    return [...this.currentBansBySlices(jail, policy, Number.MAX_SAFE_INTEGER)].flat();
  }

  /** The same, read a slice at a time; bans that are written after the first one was read are not among them. */
  *currentBansBySlices(jail: string, policy: RestorePolicy, size: number): Generator<StoredBan[], void> {
    const youngerThan = limitsAge(policy) ? policy.now - policy.banTime : Number.NEGATIVE_INFINITY;
    const newest = Number(this.#read("SELECT max(rowid) AS newest FROM bips")[0]?.["newest"] ?? 0);
    for (let last = ""; ; ) {
      const rows = this.#read(
        // As text, since each value of bytes would be memory of its own outside of the heap.
        `SELECT ip, timeofban, bantime, bancount, CAST(data AS TEXT) AS data FROM bips
         WHERE jail = ? AND (timeofban + bantime > ? OR bantime <= -1) AND timeofban > ? AND rowid <= ? AND ip > ?
         ORDER BY ip LIMIT ?`,
        jail,
        policy.now,
        youngerThan,
        newest,
        last,
        size,
      );
      yield rows.flatMap((row) => this.#restored(row, policy) ?? []);
      if (rows.length < size) return;
      last = String(rows.at(-1)?.["ip"]);
    }
  }

  #restored(row: Record<string, unknown>, policy: RestorePolicy): StoredBan | null {
    const timeOfBan = Number(row["timeofban"]);
    const bantime = restoredBanTime({ timeOfBan, bantime: Number(row["bantime"]) }, policy);
    if (bantime === null) return null;
    const data = this.#decode(row["data"]);
    data.matches = policy.maxMatches > 0 ? data.matches.slice(-policy.maxMatches) : [];
    return { ip: String(row["ip"]), timeOfBan, bantime, banCount: Number(row["bancount"]), data };
  }

  /** Whether a ban is on record as the identifier's newest in the jail, by its number counted from 1. */
  hasBan(jail: string, id: string, number: number): boolean {
    const sql = "SELECT 1 FROM bips WHERE ip = ? AND jail = ? AND bancount = ?";
    return this.#read(sql, id, jail, number).length > 0;
  }

  /** What was captured and counted for the identifier's newest ban in the jail. */
  banData(jail: string, id: string): StoredData | null {
    const row = this.#read("SELECT data FROM bips WHERE ip = ? AND jail = ?", id, jail)[0];
    return row ? this.#decode(row["data"]) : null;
  }

  /**
   * An identifier's earlier bans in a jail, or in all jails together (`null`): then the count is the sum over the
   * jails and the rest is of the newest ban. `null` when there were none.
   */
  banHistory(id: string, jail: string | null): BanHistory | null {
    const where = jail === null ? "" : " AND jail = ?";
    const rows = this.#read(
      `SELECT timeofban, bantime, bancount FROM bips WHERE ip = ?${where} ORDER BY timeofban DESC`,
      id,
      ...(jail === null ? [] : [jail]),
    );
    const newest = rows[0];
    if (!newest) return null;
    return {
      timeOfBan: Number(newest["timeofban"]),
      bantime: Number(newest["bantime"]),
      banCount: rows.reduce((sum, row) => sum + Number(row["bancount"]), 0),
    };
  }

  /** All bans of an identifier in a jail, or in all jails (`null`), taken together. */
  mergedBans(id: string, jail: string | null): MergedBans {
    const key = `${id}\0${jail ?? ""}`;
    const known = this.#merged.get(key);
    if (known) return known;
    const where = jail === null ? "" : " AND jail = ?";
    const rows = this.#read(
      `SELECT data FROM bans WHERE ip = ?${where} ORDER BY timeofban DESC, rowid DESC`,
      id,
      ...(jail === null ? [] : [jail]),
    );
    let failures = 0;
    const newestFirst: StoredMatch[] = [];
    for (const row of rows) {
      const data = this.#decode(row["data"]);
      failures += data.failures;
      for (const match of data.matches.reverse()) {
        if (newestFirst.length < this.#maxMatches) newestFirst.push(match);
      }
    }
    const merged = { failures, matches: newestFirst.reverse() };
    if (this.#merged.size >= MOST_MERGED_KEPT) this.#merged.clear();
    this.#merged.set(key, merged);
    return merged;
  }

  /** The bans on record that were made, whether they have ended or not, the oldest first. */
  recordedBans({ jail, id, since, limit }: RecordedBanQuery): RecordedBan[] {
    const wanted: [condition: string, value: string | number | undefined][] = [
      ["jail = ?", jail],
      ["ip = ?", id],
      ["timeofban >= ?", since],
    ];
    const asked = wanted.filter((one): one is [string, string | number] => one[1] !== undefined);
    const where = asked.length === 0 ? "" : `WHERE ${asked.map(([condition]) => condition).join(" AND ")}`;
    const rows = this.#read(
      `SELECT jail, ip, timeofban, bantime, bancount, data FROM bans ${where} ORDER BY timeofban DESC, rowid DESC LIMIT ?`,
      ...asked.map(([, value]) => value),
      limit,
    );
    return rows.reverse().map((row) => this.#recorded(row));
  }

  #recorded(row: Record<string, unknown>): RecordedBan {
    const { matches, failures } = this.#decode(row["data"]);
    return {
      jail: String(row["jail"]),
      id: String(row["ip"]),
      time: Number(row["timeofban"]),
      seconds: Number(row["bantime"]),
      number: Number(row["bancount"]),
      failures,
      matches: matches.map((match) => (typeof match === "string" ? match : match.join(""))),
    };
  }

  /** Forgets bans older than {@link purgeAge} and jails that left nothing behind. To be called every hour. */
  purge(): void {
    const before = this.#now() - this.purgeAge;
    this.#merged.clear();
    this.#queue.add(() => {
      this.#run("DELETE FROM bans WHERE timeofban < ?", before);
      this.#run(
        "DELETE FROM bips WHERE timeofban < ? AND bantime <> -1 AND timeofban + 3 * bantime < ?",
        before,
        before,
      );
      this.#run(
        `DELETE FROM jails WHERE enabled = 0
         AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.jail = jails.name)
         AND NOT EXISTS (SELECT 1 FROM bips WHERE bips.jail = jails.name)`,
      );
    });
    this.#queue.flush();
  }

  /** Writes what waits, now; false when that is not possible at present. */
  flush(): boolean {
    return this.#queue.flush();
  }

  /** Writes bans now instead of at the end of this round of the event loop; does nothing while writing fails. */
  commit(): void {
    this.#queue.commit();
  }

  /** Writes what waits and closes the file, leaving nothing beside it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.close();
    this.#wal?.close();
    this.#statements.clear();
    this.#quietly("PRAGMA wal_checkpoint(TRUNCATE)");
    // The reference and other programs find a plain file again.
    this.#quietly("PRAGMA journal_mode = DELETE");
    try {
      this.#database.close();
      this.#log.info("Connection to database closed.");
    } catch (error) {
      this.#log.error(`Error closing database '${this.file}': ${sqliteMessage(error)}`);
    }
  }

  #reopen(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
    this.#database.open();
    configure(this.#database, this.file, this.#log);
  }

  #quietly(sql: string): void {
    try {
      this.#database.prepare(sql).get();
    } catch (error) {
      this.#log.debug(`Database '${this.file}': ${sql}: ${sqliteMessage(error)}`);
    }
  }

  /** Bans refer to a jail; one that was purged meanwhile must not cost the ban. */
  #ensureJail(name: string): void {
    this.#run("INSERT OR IGNORE INTO jails (name, enabled) VALUES (?, 1)", name);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: (string | number | Uint8Array)[]): void {
    this.#prepare(sql).run(...values);
  }

  #read(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    this.#queue.apply();
    try {
      return this.#prepare(sql).all(...values) as Record<string, unknown>[];
    } catch (error) {
      this.#log.error(`Unable to read database '${this.file}': ${sqliteMessage(error)}`);
      return [];
    }
  }

  #decode(column: unknown) {
    return decodeData(column, (reason) => this.#log.error(`json loads failed: ${reason}`));
  }

  #forgetMerged(ip: string): void {
    for (const key of this.#merged.keys()) if (key.startsWith(`${ip}\0`)) this.#merged.delete(key);
  }
}

function pendingKey(jail: string): string {
  return `${jail}\0`;
}
