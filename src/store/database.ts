import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "../log/logger.ts";
import { type BanHistory, BanTable } from "./ban-table.ts";
import { DatabasePlace } from "./database-place.ts";
import { JailTable } from "./jail-table.ts";
import { LogPositions } from "./log-positions.ts";
import { BanMerger, type MergedBans } from "./merged-bans.ts";
import { configure, type OpenOptions, openDatabase } from "./open-database.ts";
import { PendingTable } from "./pending-table.ts";
import { purge } from "./purge.ts";
import { type RecordedBan, type RecordedBanQuery, recordedBans, recordedIds } from "./recorded-bans.ts";
import { restorableBans } from "./restorable-bans.ts";
import type { RestorePolicy } from "./restore-policy.ts";
import { inTransaction } from "./schema.ts";
import { sqliteMessage } from "./sqlite-error.ts";
import { Statements } from "./statements.ts";
import type { StoredBan, StoredData } from "./stored-ban.ts";
import { readContents, writeContents } from "./take-over.ts";
import { WalSync } from "./wal-sync.ts";
import { WriteQueue } from "./write-queue.ts";

const DEFAULT_PURGE_AGE = 86_400;
const DEFAULT_MAX_MATCHES = 10;

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
  readonly #onDisplaced: (() => void) | undefined;
  #place: DatabasePlace | null;
  #displaced = false;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #statements: Statements;
  readonly #jails: JailTable;
  readonly #pending: PendingTable;
  readonly #positions: LogPositions;
  readonly #bans: BanTable;
  readonly #merger: BanMerger;
  #closed = false;

  private constructor(file: string, database: DatabaseSync, options: OpenOptions) {
    this.file = file;
    this.#database = database;
    this.#log = options.log;
    this.#onDisplaced = options.onDisplaced;
    this.#place = file === ":memory:" ? null : new DatabasePlace(file);
    this.#now = () => options.clock.now();
    this.#wal =
      file === ":memory:"
        ? null
        : new WalSync(file, (error) => {
            this.#log.error(`Unable to sync database '${file}': ${error.message}`);
          });
    this.#queue = new WriteQueue({
      database,
      file,
      clock: options.clock,
      log: options.log,
      onCommit: (soon) => this.#committed(soon),
      reopen: () => this.#reopen(),
    });
    this.#statements = new Statements({
      database,
      file,
      log: options.log,
      beforeReading: () => this.#queue.apply(),
    });
    this.#jails = new JailTable(this.#statements, this.#queue);
    this.#pending = new PendingTable(this.#statements, this.#queue);
    this.#positions = new LogPositions(this.#statements, this.#queue);
    this.#bans = new BanTable(this.#statements, this.#queue);
    this.#merger = new BanMerger(this.#statements);
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

  /** Whether the file is gone from its path, or another one is there: what is written now is lost with this process. */
  get isDisplaced(): boolean {
    return this.#place?.isLost ?? false;
  }

  /**
   * Writes down all that another database knows, and takes over its settings. What both know of an identifier's last
   * ban is the other's, with the bans of both counted.
   *
   * @param options.samePast the other one knows the past of this one, too: no ban is counted twice
   * @throws SQLite's error when that cannot be written now; nothing is then
   */
  takeOver(other: BanDatabase, options: { samePast: boolean } = { samePast: false }): void {
    other.flush();
    this.flush();
    this.purgeAge = other.purgeAge;
    this.maxMatches = other.maxMatches;
    const contents = readContents(other.#statements, (jail) => other.pending(jail));
    inTransaction(this.#database, () => writeContents(this.#statements, contents, options));
  }

  /** Most matched lines that are kept for a ban (`dbmaxmatches`); 0 for none. */
  get maxMatches(): number {
    return this.#maxMatches;
  }

  set maxMatches(value: number) {
    this.#maxMatches = value;
    this.#merger.forgetAll();
  }

  /** A jail starts. */
  addJail(name: string): void {
    this.#jails.add(name);
  }

  /** A jail stopped or was removed; its bans stay, what was pending is forgotten. */
  disableJail(name: string): void {
    this.#jails.disable(name);
    this.#pending.forget(name);
  }

  /**
   * Whether the server that had the file before ended without stopping this jail, so that its bans may still be in
   * force outside. True only once: the caller puts that in order.
   */
  takeUnfinished(jail: string): boolean {
    return this.#jails.takeUnfinished(jail);
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
    this.#pending.update(jail, changes, written);
  }

  /** What {@link updatePending} wrote and a crash left behind, by key. */
  pending(jail: string): [key: string, data: string][] {
    return this.#pending.of(jail);
  }

  /** Names of the jails that are known, only the running ones if `enabledOnly`. */
  jailNames(enabledOnly = false): string[] {
    return this.#jails.names(enabledOnly);
  }

  /**
   * A jail begins to read a log file.
   *
   * @param firstLineHash mark of the file as it is now
   * @param position where reading will begin if nothing better is known
   * @returns the position up to which the file was read before, if it is still the same file; else `null`
   */
  addLog(jail: string, path: string, firstLineHash: string, position: number): number | null {
    return this.#positions.add(jail, path, firstLineHash, position);
  }

  /** A log file was read up to here (bytes), or a journal (seconds since 1970). Written with the next ban or in 10 s. */
  updatePosition(jail: string, path: string, firstLineHash: string, position: number): void {
    this.#positions.update(jail, path, firstLineHash, position);
  }

  /** Where reading of a path was left, whatever the mark; `null` if nothing is known. For the journal. */
  lastPosition(jail: string, path: string): number | null {
    return this.#positions.last(jail, path);
  }

  /** The mark that was written with {@link lastPosition}. */
  lastMark(jail: string, path: string): string | null {
    return this.#positions.lastMark(jail, path);
  }

  /** Writes a new ban. At most {@link maxMatches} of its matched lines are kept. */
  addBan(jail: string, ban: StoredBan): void {
    this.#merger.forget(ban.ip);
    this.#bans.add(jail, ban, this.#maxMatches);
  }

  /** Forgets bans of a jail: those of the given identifiers, or all of them. */
  removeBans(jail: string, ids?: readonly string[]): void {
    this.#merger.forgetAll();
    this.#bans.remove(jail, ids);
  }

  /** A ban has ended before its time: it keeps its place in the history, and is not taken over at the next start. */
  endBan(jail: string, id: string, now: number): void {
    this.#bans.end(jail, id, now);
  }

  /**
   * The bans that a starting jail takes over, ordered by the text of the identifier, with the time they last by the
   * jail's present settings (see `restoredBanTime`).
   */
  currentBans(jail: string, policy: RestorePolicy): StoredBan[] {
    return [...this.currentBansBySlices(jail, policy, Number.MAX_SAFE_INTEGER)].flat();
  }

  /** The same, read a slice at a time; bans that are written after the first one was read are not among them. */
  currentBansBySlices(
    jail: string,
    policy: RestorePolicy,
    size: number,
    first: number = size,
  ): Generator<StoredBan[], void> {
    return restorableBans(this.#statements, jail, policy, size, first);
  }

  /** Whether a ban is on record as the identifier's newest in the jail, by its number counted from 1. */
  hasBan(jail: string, id: string, number: number): boolean {
    return this.#bans.has(jail, id, number);
  }

  /** What was captured and counted for the identifier's newest ban in the jail. */
  banData(jail: string, id: string): StoredData | null {
    return this.#bans.dataOf(jail, id);
  }

  /**
   * An identifier's earlier bans in a jail, or in all jails together (`null`): then the count is the sum over the
   * jails and the rest is of the newest ban. `null` when there were none.
   */
  banHistory(id: string, jail: string | null): BanHistory | null {
    return this.#bans.history(id, jail);
  }

  /** All bans of an identifier in a jail, or in all jails (`null`), taken together. */
  mergedBans(id: string, jail: string | null): MergedBans {
    return this.#merger.merge(id, jail, this.#maxMatches);
  }

  /** The bans on record that were made, whether they have ended or not, the oldest first. */
  recordedBans(query: RecordedBanQuery): RecordedBan[] {
    return recordedBans(this.#statements, query);
  }

  /** The identifiers that bans on record have, of a text like `pattern`, in which `*` stands for anything. */
  recordedIds(pattern: string): string[] {
    return recordedIds(this.#statements, pattern);
  }

  /** Forgets bans older than {@link purgeAge} and jails that left nothing behind. To be called every hour. */
  purge(): void {
    const before = this.#now() - this.purgeAge;
    this.#merger.forgetAll();
    this.#queue.add(() => purge(this.#statements, before));
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
    this.#place = new DatabasePlace(this.file);
  }

  #committed(soon: boolean): void {
    if (soon) this.#wal?.sync();
    if (this.#displaced || !this.isDisplaced) return;
    this.#displaced = true;
    this.#onDisplaced?.();
  }

  #quietly(sql: string): void {
    try {
      this.#database.prepare(sql).get();
    } catch (error) {
      this.#log.debug(`Database '${this.file}': ${sql}: ${sqliteMessage(error)}`);
    }
  }
}
