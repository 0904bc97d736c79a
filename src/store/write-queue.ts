import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "../log/logger.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";
import { inTransaction } from "./schema.ts";
import { isReadOnly, mayPass, sqliteMessage } from "./sqlite-error.ts";

/** One change of the database. Throws what SQLite throws. */
export type Change = () => void;

interface LazyChange {
  readonly change: Change;
  readonly committed: () => void;
}

/** When a change has to be written. */
export type Urgency = "soon" | "lazily";

/** Lazy changes wait for others for so many seconds at most. */
const LAZY_SECONDS = 10;
/** After a failure it is tried again after 1, 2, 4, … 30 s. */
const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 30;
/** More changes than that do not wait for a disk that stays full. */
const MOST_WAITING = 200_000;

/** What a queue writes to. */
export interface WriteQueueOptions {
  readonly database: DatabaseSync;
  /** Path of the file, for messages. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called after a commit, and whether it had changes that were wanted soon. */
  readonly onCommit: (soon: boolean) => void;
  /** Opens the database anew: a file that was read-only when it was opened stays so. */
  readonly reopen: () => void;
}

/**
 * Collects changes and writes them in short common transactions, in their order.
 *
 * Soon and lazy changes that wait are committed together, so that what a log's position, its failures and its bans say
 * is always of one moment; {@link apply} lets them be read before that moment has come.
 *
 * What cannot be written (full disk, lock, read-only file system) waits and is tried again; the daemon goes on. A
 * change that fails for a reason of its own is dropped with an error, the others are written.
 */
export class WriteQueue {
  readonly #o: WriteQueueOptions;
  #changes: Change[] = [];
  /** So many of them have run already, in a transaction that is open. */
  #applied = 0;
  /** Lazy changes by key: only the newest of a key is written. */
  #lazy = new Map<string, LazyChange>();
  #timer: CancelTimer | null = null;
  #timerIsLazy = false;
  #retrySeconds = 0;
  #dropped = 0;
  #readOnly = false;

  constructor(options: WriteQueueOptions) {
    this.#o = options;
  }

  /** Number of changes that are not written. */
  get waiting(): number {
    return this.#changes.length + this.#lazy.size;
  }

  /** Adds a change that is written at the end of this round of the event loop, together with all others of it. */
  add(change: Change): void {
    if (this.#changes.length >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#changes.push(change);
    this.#arm(false);
  }

  /**
   * Adds a change that is written with the next other one, in 10 s at the latest; replaces the waiting one of that key.
   *
   * @param committed called once it is written
   */
  addLazily(key: string, change: Change, committed: () => void = () => {}): void {
    this.#lazy.set(key, { change, committed });
    this.#arm(true);
  }

  /** Drops the lazy change of that key. */
  forget(key: string): void {
    this.#lazy.delete(key);
  }

  /** Writes everything now; false when it could not be written and waits for the next try. */
  flush(): boolean {
    this.#timer?.();
    this.#timer = null;
    if (this.waiting === 0) return true;
    const soon = this.#changes.length;
    const lazy = [...this.#lazy.values()];
    try {
      if (this.#readOnly) this.#o.reopen();
      this.#write(lazy.map(({ change }) => change));
    } catch (error) {
      this.#onFailure(error);
      return false;
    }
    this.#changes = [];
    this.#applied = 0;
    this.#lazy.clear();
    for (const { committed } of lazy) committed();
    this.#onSuccess();
    this.#o.onCommit(soon > 0);
    return true;
  }

  /**
   * Makes what {@link add} took visible to readers of this connection. It is not committed: that would separate it
   * from what is still to come of the same moment.
   */
  apply(): void {
    if (this.#retrySeconds > 0 || this.#applied === this.#changes.length) return;
    try {
      this.#begin();
      for (; this.#applied < this.#changes.length; this.#applied++) this.#changes[this.#applied]!();
    } catch {
      // The commit comes upon it again, and tells of it.
      this.#rollBack();
    }
  }

  /** Writes what {@link add} took, now instead of at the end of this round; not while writing fails. */
  commit(): void {
    if (this.#changes.length > 0 && this.#retrySeconds === 0) this.flush();
  }

  /** The last try; what cannot be written is lost, with an error. */
  close(): void {
    const count = this.waiting;
    if (!this.flush()) this.#o.log.error(`${count} change(s) of database '${this.#o.file}' are lost`);
    this.#timer?.();
    this.#timer = null;
  }

  #write(lazy: readonly Change[]): void {
    try {
      this.#begin();
      for (const change of [...this.#changes.slice(this.#applied), ...lazy]) change();
      this.#o.database.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      if (mayPass(error)) throw error;
      this.#writeSingly([...this.#changes, ...lazy]);
    }
  }

  #begin(): void {
    if (!this.#o.database.isTransaction) this.#o.database.exec("BEGIN IMMEDIATE");
  }

  #rollBack(): void {
    this.#applied = 0;
    // A failure that is grave enough has ended the transaction already.
    if (this.#o.database.isTransaction) this.#o.database.exec("ROLLBACK");
  }

  /** One of the changes is at fault: finds it. */
  #writeSingly(changes: readonly Change[]): void {
    inTransaction(this.#o.database, () => {
      for (const change of changes) {
        this.#o.database.exec("SAVEPOINT one");
        try {
          change();
        } catch (error) {
          if (mayPass(error)) throw error;
          this.#o.database.exec("ROLLBACK TO one");
          this.#o.log.error(`Dropped a change of database '${this.#o.file}': ${sqliteMessage(error)}`);
        }
        this.#o.database.exec("RELEASE one");
      }
    });
  }

  #arm(lazy: boolean): void {
    // While writing fails, the time of the next try is set.
    if (this.#timer && (this.#retrySeconds > 0 || lazy || !this.#timerIsLazy)) return;
    this.#timer?.();
    this.#timerIsLazy = lazy;
    this.#timer = this.#o.clock.after(lazy ? LAZY_SECONDS : 0, () => this.flush(), { background: lazy });
  }

  #onFailure(error: unknown): void {
    this.#readOnly = isReadOnly(error);
    const first = this.#retrySeconds === 0;
    this.#retrySeconds = first
      ? FIRST_RETRY_SECONDS
      : Math.min(LONGEST_RETRY_SECONDS, this.#retrySeconds * 2);
    const message = `Unable to write to database '${this.#o.file}': ${sqliteMessage(error)}. ${this.waiting} change(s) wait`;
    if (first) this.#o.log.error(message);
    else this.#o.log.debug(message);
    this.#timer = this.#o.clock.after(this.#retrySeconds, () => this.flush(), { background: true });
  }

  #onSuccess(): void {
    if (this.#retrySeconds === 0) return;
    this.#retrySeconds = 0;
    this.#readOnly = false;
    const lost = this.#dropped > 0 ? `; ${this.#dropped} change(s) were lost meanwhile` : "";
    this.#dropped = 0;
    this.#o.log.notice(`Database '${this.#o.file}' can be written again${lost}`);
  }
}
