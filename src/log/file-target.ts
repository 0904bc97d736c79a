import { closeSync, openSync, writeSync } from "node:fs";
import type { LineFormat } from "./format.ts";
import { LEVELS, type LogRecord } from "./logger.ts";
import { type LogTarget, LogTargetError } from "./target.ts";

/** Functions of `node:fs` that a file target uses; a parameter, so that tests can fill the disk. */
export interface FileSystem {
  open(path: string, flags: string, mode: number): number;
  /** Returns how many bytes it has written. */
  write(fd: number, bytes: Uint8Array): number;
  close(fd: number): void;
}

const REAL: FileSystem = { open: openSync, write: (fd, bytes) => writeSync(fd, bytes), close: closeSync };

const NEWLINE = 10;
/** Lines that wait to be written together, in characters. */
const MOST_HELD = 64 * 1024;

/**
 * A log file, appended to, mode 0600 when created. Each line is written at once, so that a crash loses none, but for
 * work that logs thousands at a time (see {@link FileTarget.together}). A full disk costs the lines of that time, which
 * are counted, and nothing else.
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
  /** Lines that wait for the end of {@link together}; `null` outside of it. */
  #held: string | null = null;

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
    const line = `${this.#format(record, new Date())}\n`;
    if (this.#held === null) this.#append(line);
    else {
      this.#held += line;
      if (this.#held.length >= MOST_HELD) this.#writeHeld();
    }
  }

  together(work: () => void): void {
    if (this.#held !== null) {
      work();
      return;
    }
    this.#held = "";
    try {
      work();
    } finally {
      this.#writeHeld();
      this.#held = null;
    }
  }

  reopen(): boolean {
    let fd: number;
    try {
      fd = this.#fs.open(this.#path, "a", 0o600);
    } catch {
      return false;
    }
    if (this.#held !== null) this.#writeHeld();
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

  #writeHeld(): void {
    if (this.#held) this.#append(this.#held);
    this.#held = "";
  }

  /** @param lines whole lines */
  #append(lines: string): void {
    const gap = this.#lost > 0 ? `${this.#format(this.#gap(), new Date())}\n` : "";
    const bytes = Buffer.from(`${this.#torn ? "\n" : ""}${gap}${lines}`);
    let written = 0;
    try {
      written = this.#fs.write(this.#fd, bytes);
      this.#reason = "no space left";
    } catch (error) {
      this.#reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    }
    if (written === bytes.length) {
      this.#lost = 0;
      this.#torn = false;
      return;
    }
    if (written > 0) this.#torn = bytes[written - 1] !== NEWLINE;
    this.#lost += Math.min(linesIn(bytes.subarray(written)), linesIn(Buffer.from(lines)));
  }

  #gap(): LogRecord {
    const message = `Log file could not be written (${this.#reason}), ${this.#lost} line(s) are missing before this one`;
    return { logger: "fail2ban.server", level: LEVELS.WARNING, message };
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === NEWLINE) lines++;
  return lines;
}
