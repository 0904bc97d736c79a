import type { Writable } from "node:stream";
import type { LineFormat } from "./format.ts";
import type { LogRecord } from "./logger.ts";
import type { LogTarget } from "./target.ts";

/** Unwritten bytes beyond which lines are dropped, when the reader of a pipe stands still. */
const BACKLOG = 4 * 1024 * 1024;

/** Standard output or standard error. A reader that went away or stands still costs lines, nothing else. */
export class StreamTarget implements LogTarget {
  readonly flushAnswer: "rolled over" | "flushed";
  readonly #stream: Writable;
  readonly #format: LineFormat;

  constructor(stream: Writable, format: LineFormat, flushAnswer: "rolled over" | "flushed" = "flushed") {
    this.#stream = stream;
    this.#format = format;
    this.flushAnswer = flushAnswer;
    stream.on("error", ignore);
  }

  write(record: LogRecord): void {
    if (this.#stream.writableLength > BACKLOG || this.#stream.destroyed) return;
    this.#stream.write(`${this.#format(record, new Date())}\n`);
  }

  reopen(): boolean {
    return true;
  }

  close(): void {
    // The stream belongs to the process. Its error listener stays: errors may still be on their way.
  }
}

function ignore(): void {}
