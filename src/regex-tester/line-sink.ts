import type { TimedLine } from "../detect/filter.ts";
import { endOfLine } from "../detect/line-end.ts";
import type { RawLines } from "./log-input.ts";

/** Takes the lines of a log in their order. Empty lines and comments of a text log are to be passed over. */
export interface LineSink {
  /**
   * Takes a block of whole lines, each with its newline.
   *
   * @param ascii the lines are known to be pure ASCII
   */
  test(block: string, ascii?: boolean): Promise<void>;
  /** Takes lines that are still to be decoded and cut apart, where that is of use. */
  testRaw?(lines: RawLines): Promise<void>;
  /** Waits until everything that was taken is done. */
  finish?(): Promise<void>;
  /** Takes entries of a journal, whose times are known. */
  testTimed(entries: readonly TimedLine[]): Promise<void>;
}

/** Whether the line from `start` to `end` of a text log does not count. */
export function isLeftOut(block: string, start: number, end: number): boolean {
  return end === start || block.charCodeAt(start) === HASH;
}

/** The lines of a block that count, without their ends. */
export function testedLines(block: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < block.length; start = block.indexOf("\n", start) + 1) {
    const end = endOfLine(block, start);
    if (!isLeftOut(block, start, end)) lines.push(block.slice(start, end));
  }
  return lines;
}

const HASH = 0x23;
