import type { Logger } from "../log/logger.ts";
import { runtimeError } from "../pyvalue/errors.ts";
import type { Clock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";

const DEFAULT_PURGE_AGE = 86_400;
const DEFAULT_MAX_MATCHES = 10;
/** Seconds between two purges. */
const PURGE_INTERVAL = 3600;

/** The database of a server, which may be none, and its settings. */
export class DatabaseSlot {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #inUse: () => boolean;
  #database: BanDatabase | null = null;
  #cancelPurge: (() => void) | null = null;

  /**
   * @param options.inUse whether there are jails: the database cannot be changed then
   * @param options.log logger `fail2ban.database`
   */
  constructor(options: { clock: Clock; log: Logger; inUse: () => boolean }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#inUse = options.inUse;
  }

  /** The database in use, `null` when there is none. */
  get current(): BanDatabase | null {
    return this.#database;
  }

  /**
   * Opens a database: a file name, `:memory:`, or `None` for no database. Naming the current one again changes
   * nothing.
   *
   * @throws {PyError} when jails use another one, or when it cannot be opened
   */
  open(file: string): void {
    const wanted = file.toLowerCase() === "none" ? null : file;
    if (wanted === (this.#database?.file ?? null)) return;
    if (this.#inUse()) throw runtimeError("Cannot change database when there are jails present");
    this.close();
    if (wanted === null) return;
    this.#database = BanDatabase.open(wanted, { clock: this.#clock, log: this.#log });
    this.#database.purgeAge = DEFAULT_PURGE_AGE;
    this.#database.maxMatches = DEFAULT_MAX_MATCHES;
    this.#schedulePurge();
  }

  close(): void {
    this.#cancelPurge?.();
    this.#database?.close();
    this.#database = null;
  }

  #schedulePurge(): void {
    this.#cancelPurge?.();
    const purge = () => {
      this.#database?.purge();
      this.#schedulePurge();
    };
    this.#cancelPurge = this.#clock.after(PURGE_INTERVAL, purge, { background: true });
  }
}
