import { LEVELS, type Logger, LogHub, type LogRecord } from "../log/logger.ts";
import { runtimeError } from "../pyvalue/errors.ts";
import type { Clock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";
import { DatabaseError } from "./sqlite-error.ts";

const DEFAULT_PURGE_AGE = 86_400;
const DEFAULT_MAX_MATCHES = 10;
/** Seconds between two purges. */
const PURGE_INTERVAL = 3600;

/** A file that could not be opened is tried again after 1, 2, 4, … 30 s. */
const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 30;

/** What a slot needs. */
export interface DatabaseSlotOptions {
  readonly clock: Clock;
  /** Logger `fail2ban.database`. */
  readonly log: Logger;
  /** Whether there are jails: the database cannot be changed then. */
  readonly inUse: () => boolean;
  /** Told when a file that could not be opened has been: it may know of bans that nobody else does. */
  readonly onRecovery?: () => void;
}

/**
 * The database of a server, which may be none, and its settings.
 *
 * A file that cannot be opened for the time being (a lock, a full disk) keeps nobody from banning: bans are kept in
 * memory and brought into the file when it can be opened.
 */
export class DatabaseSlot {
  readonly #o: DatabaseSlotOptions;
  #database: BanDatabase | null = null;
  /** The file that could not be opened; bans are in memory meanwhile. */
  #awaited: string | null = null;
  /** Whether what is in memory meanwhile includes what the file held. */
  #holdsPast = false;
  #cancelPurge: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;

  constructor(options: DatabaseSlotOptions) {
    this.#o = options;
  }

  /** The database in use, `null` when there is none. */
  get current(): BanDatabase | null {
    return this.#database;
  }

  /** The file as it was named, `null` for none. */
  get file(): string | null {
    return this.#awaited ?? this.#database?.file ?? null;
  }

  /**
   * Opens a database: a file name, `:memory:`, or `None` for no database. Naming the current one again changes
   * nothing.
   *
   * @throws {PyError} when jails use another one
   * @throws {DatabaseError} when it can never be opened as it is
   */
  open(file: string): void {
    const wanted = file.toLowerCase() === "none" ? null : file;
    if (wanted === this.file) return;
    if (this.#o.inUse()) throw runtimeError("Cannot change database when there are jails present");
    this.close();
    if (wanted === null) return;
    this.#database = this.#openOrWait(wanted);
    this.#database.purgeAge = DEFAULT_PURGE_AGE;
    this.#database.maxMatches = DEFAULT_MAX_MATCHES;
    this.#schedulePurge();
  }

  close(): void {
    if (this.#database?.isDisplaced) this.#displaced(this.#database);
    this.#cancelPurge?.();
    this.#cancelRetry?.();
    if (this.#awaited !== null) {
      this.#o.log.error(`Bans of this run were kept in memory only: '${this.#awaited}' could not be opened`);
    }
    this.#forgetAwaited();
    this.#database?.close();
    this.#database = null;
  }

  #forgetAwaited(): void {
    this.#awaited = null;
    this.#holdsPast = false;
  }

  /**
   * Somebody has deleted, moved or replaced the file: what it held is taken into memory and brought into the one that is
   * there now. It has to be closed before that is opened, as SQLite removes the log beside it by its name.
   */
  #displaced(database: BanDatabase): void {
    if (this.#database !== database) return;
    const { clock, log } = this.#o;
    const { file } = database;
    log.warning(
      `Database '${file}' was removed or replaced while it was in use: all that it held is written again`,
    );
    const memory = BanDatabase.open(":memory:", { clock, log: silent() });
    memory.takeOver(database);
    database.close();
    this.#database = memory;
    this.#awaited = file;
    this.#holdsPast = true;
    this.#retry(file, FIRST_RETRY_SECONDS);
    if (this.#awaited !== null) this.#tellOfWaiting(file);
  }

  #tellOfWaiting(file: string): void {
    this.#o.log.error(`Bans are kept in memory only, until database '${file}' can be opened`);
  }

  #openOrWait(file: string): BanDatabase {
    const { clock, log } = this.#o;
    try {
      return this.#open(file, log);
    } catch (error) {
      if (!(error instanceof DatabaseError && error.mayPass)) throw error;
      this.#tellOfWaiting(file);
      this.#awaited = file;
      this.#scheduleRetry(file, FIRST_RETRY_SECONDS);
      return BanDatabase.open(":memory:", { clock, log: silent() });
    }
  }

  /** @param patient whether to wait for another program's lock, which the event loop then does, too */
  #open(file: string, log: Logger, patient = true): BanDatabase {
    const { clock } = this.#o;
    // Not in the middle of the work that wrote something.
    const onDisplaced = () => clock.after(0, () => this.#displaced(database), { background: true });
    const database = BanDatabase.open(file, { clock, log, patient, onDisplaced });
    return database;
  }

  #scheduleRetry(file: string, seconds: number): void {
    const retry = () => this.#retry(file, Math.min(LONGEST_RETRY_SECONDS, seconds * 2));
    this.#cancelRetry = this.#o.clock.after(seconds, retry, { background: true });
  }

  #retry(file: string, nextSeconds: number): void {
    const { log, onRecovery } = this.#o;
    const memory = this.#database;
    if (!memory) return;
    // What was in the way was told once; what else is said while opening counts if that succeeds.
    const held: LogRecord[] = [];
    const hub = new LogHub((record) => held.push(record), LEVELS.TRACEDEBUG);
    let database: BanDatabase | null = null;
    try {
      database = this.#open(file, hub.logger("database"), false);
      database.takeOver(memory, { samePast: this.#holdsPast });
    } catch (error) {
      log.debug(`Database '${file}' can still not be used: ${(error as Error).message}`);
      database?.close();
      this.#scheduleRetry(file, nextSeconds);
      return;
    }
    hub.sink = ({ level, message }) => log.log(level, message);
    held.forEach(hub.sink);
    this.#database = database;
    memory.close();
    this.#forgetAwaited();
    log.notice(`Database '${file}' can be opened again, with the bans that were kept in memory`);
    onRecovery?.();
  }

  #schedulePurge(): void {
    this.#cancelPurge?.();
    const purge = () => {
      this.#database?.purge();
      this.#schedulePurge();
    };
    this.#cancelPurge = this.#o.clock.after(PURGE_INTERVAL, purge, { background: true });
  }
}

function silent(): Logger {
  return new LogHub(() => {}).logger("database");
}
