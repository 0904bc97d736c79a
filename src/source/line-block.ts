/** Whole lines of one file, read and decoded at once. */
export interface LineBlock {
  /** The file as the jail names it. */
  readonly path: string;
  /** The lines, each ended by "\n"; a "\r" before it is still there. */
  readonly text: string;
  /** True when every code unit of `text` is below 0x80. */
  readonly ascii: boolean;
  /** Byte offset in the file at which the first line begins. */
  readonly start: number;
  /** Byte offset behind the last line. */
  readonly end: number;
  /**
   * True when the end of the file had already been reached before this block, so that its lines are new ones;
   * false while the past is read.
   */
  readonly inOperation: boolean;
}
