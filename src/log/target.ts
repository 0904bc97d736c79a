import type { LogRecord } from "./logger.ts";

/** A place that takes log lines. Writing never throws and never waits. */
export interface LogTarget {
  /** What `flushlogs` answers for it: `rolled over` for files, else `flushed`. */
  readonly flushAnswer: "rolled over" | "flushed";
  write(record: LogRecord): void;
  /** Does work, and writes what is logged meanwhile in common, when that is cheaper. */
  together?(work: () => void): void;
  /**
   * Makes the target ready after rotation: a file is closed and opened again under its name. True when done,
   * false when it could not be opened (writing goes on to the old file).
   */
  reopen(): boolean;
  close(): void;
}

/** A target cannot be used; the message says what was tried. */
export class LogTargetError extends Error {
  override readonly name = "LogTargetError";
}
