import { close, fdatasync, open } from "node:fs";

/**
 * Brings a database's write-ahead log to the disk in the background, so that a power cut loses nothing that was
 * committed before, while the event loop never waits for the disk.
 *
 * The log's own descriptor may be opened and closed freely: SQLite's locks are on the two other files.
 */
export class WalSync {
  readonly #file: string;
  readonly #onError: (error: Error) => void;
  #fd: number | null = null;
  #running = false;
  #again = false;
  #closed = false;

  /** @param database path of the database; the log is the file beside it */
  constructor(database: string, onError: (error: Error) => void) {
    this.#file = `${database}-wal`;
    this.#onError = onError;
  }

  /** Syncs what has been committed by now; calls during a sync are served by one more. */
  sync(): void {
    if (this.#closed) return;
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    // What waits for the commit is more urgent: a ban is on its way to the firewall.
    setImmediate(() => this.#next());
  }

  /** Ends the work; a sync under way is left to end. */
  close(): void {
    this.#closed = true;
    if (!this.#running) this.#release();
  }

  #next(): void {
    this.#again = false;
    if (this.#closed) this.#done(null);
    else if (this.#fd !== null) fdatasync(this.#fd, (error) => this.#done(error));
    else this.#open();
  }

  #open(): void {
    open(this.#file, "r", (error, fd) => {
      if (error) return this.#done(error.code === "ENOENT" ? null : error);
      this.#fd = fd;
      fdatasync(fd, (failure) => this.#done(failure));
    });
  }

  #done(error: Error | null): void {
    if (error) this.#onError(error);
    this.#running = this.#again && !this.#closed;
    if (this.#running) this.#next();
    else if (this.#closed) this.#release();
  }

  #release(): void {
    if (this.#fd !== null) close(this.#fd, () => {});
    this.#fd = null;
  }
}
