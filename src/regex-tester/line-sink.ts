import type { TimedLine } from "../detect/filter.ts";
import type { RawLines } from "./log-input.ts";

/** Takes the lines of a log in their order. Empty lines and comments of a text log are to be passed over. */
export interface LineSink {
  /**
   * Takes lines, without their ends.
   *
   * @param ascii the lines are known to be pure ASCII
   */
  test(lines: readonly string[], ascii?: boolean): Promise<void>;
  /** Takes lines that are still to be decoded and cut apart, where that is of use; returns how many were done meanwhile. */
  testRaw?(lines: RawLines): Promise<number>;
  /** Waits until everything that was taken is done. */
  finish?(): Promise<void>;
  /** Takes entries of a journal, whose times are known. */
  testTimed(entries: readonly TimedLine[]): Promise<void>;
}

/** Whether a line of a text log counts. */
export function isTested(line: string): boolean {
  return line !== "" && !line.startsWith("#");
}
