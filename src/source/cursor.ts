import type { LineDecoder } from "./encoding.ts";
import type { OpenFile } from "./open-file.ts";

/** One reader's place in an open file. Files move it; readers make it and look at it. */
export interface Cursor {
  readonly reader: CursorReader;
  readonly file: OpenFile;
  decoder: LineDecoder;
  /** Byte offset behind the last complete line that was handed on. */
  offset: number;
  /** True while an older file has to be read first. */
  held: boolean;
  /** So many bytes behind `offset` are known to hold no line end. */
  known: number;
  /** The last bytes before `offset`, as they were read; empty while nothing was read. */
  mark: Buffer;
  /** Number of the last wake after which the end of the file was reached. */
  settledAt: number;
  /** When it was served last, to serve the others first. */
  served: number;
  /** Another reader's offset at which this one cannot be made to stop, as no line begins there. */
  unreachable: number;
}

/** Bytes of whole lines, decoded. */
export interface DecodedLines {
  readonly bytes: Buffer;
  readonly text: string;
  readonly ascii: boolean;
  readonly damaged: boolean;
  readonly start: number;
}

/** Why a file is regarded as rotated. */
export interface RotationFacts {
  readonly size: number;
  readonly oldPosition: number;
  readonly newInode: number;
  readonly oldInode: number;
  readonly newHash: string;
  readonly oldHash: string;
}

/** Takes what a cursor passes. */
export interface CursorReader {
  /** False while the reader wants nothing. */
  readonly active: boolean;
  /** New lines; the cursor stands behind them already. */
  lines(cursor: Cursor, lines: DecodedLines): void;
  /** The end of the file was reached. */
  settled(cursor: Cursor): void;
  /** The file was truncated or rewritten in place; the cursor stands at its begin. */
  rotated(facts: RotationFacts): void;
  /** A line of so many bytes was skipped. */
  skipped(bytes: number): void;
  /** Reading failed; it is tried again at the next wake. */
  failed(error: unknown): void;
}
