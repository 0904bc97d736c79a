import { closeSync, openSync, writeSync } from "node:fs";
import type { LineFormat } from "./format.ts";
import { LEVELS, type LogRecord } from "./logger.ts";
import { type LogTarget, LogTargetError } from "./target.ts";

/** Functions of `node:fs` that a file target uses; a parameter, so that tests can fill the disk. */
export interface FileSystem {
  open(path: string, flags: string, mode: number): number;
  write(fd: number, text: string): number;
  close(fd: number): void;
}

const REAL: FileSystem = { open: openSync, write: (fd, text) => writeSync(fd, text), close: closeSync };

/**
 * A log file, appended to, mode 0600 when created. Each line is written at once, so that a crash loses none. A
 * full disk costs the lines of that time, which are counted, and nothing else.
 */
export class FileTarget implements LogTarget {
  readonly flushAnswer = "rolled over";
  readonly #path: string;
  readonly #format: LineFormat;
  readonly #fs: FileSystem;
  #fd: number;
  #lost = 0;
  #reason = "";
  /** A write stopped in the middle of a line. */
  #torn = false;

  /** @throws LogTargetError when the file cannot be opened */
  constructor(path: string, format: LineFormat, fs: FileSystem = REAL) {
    this.#path = path;
    this.#format = format;
    this.#fs = fs;
    try {
      this.#fd = fs.open(path, "a", 0o600);
    } catch (error) {
      throw new LogTargetError(`Unable to log to '${path}': ${(error as Error).message}`);
    }
  }

  write(record: LogRecord): void {
    const now = new Date();
    let text = `${this.#format(record, now)}\n`;
    if (this.#lost > 0) text = `${this.#format(this.#gap(), now)}\n${text}`;
    if (this.#torn) text = `\n${text}`;
    this.#append(text);
  }

  reopen(): boolean {
    let fd: number;
    try {
      fd = this.#fs.open(this.#path, "a", 0o600);
    } catch {
      return false;
    }
    this.close();
    this.#fd = fd;
    this.#torn = false;
    return true;
  }

  close(): void {
    try {
      this.#fs.close(this.#fd);
    } catch {
      // Nothing can be done about a descriptor that does not close.
    }
  }

  #append(text: string): void {
    const length = Buffer.byteLength(text);
    try {
      const written = this.#fs.write(this.#fd, text);
      if (written === length) {
        this.#lost = 0;
        this.#torn = false;
        return;
      }
      this.#torn ||= written > 0;
      this.#reason = "no space left";
    } catch (error) {
      this.#reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    }
    this.#lost++;
  }

  #gap(): LogRecord {
    const message = `Log file could not be written (${this.#reason}), ${this.#lost} line(s) are missing before this one`;
    return { logger: "fail2ban.server", level: LEVELS.WARNING, message };
  }
}
