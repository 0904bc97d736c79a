import { closeSync, constants, openSync, readSync } from "node:fs";
import { type LineDecoder, lookupEncoding } from "./encoding.ts";

/**
 * Lines looked at from one place before it counts as having no time. Enough to get over a stack trace: otherwise
 * one that lies in the middle would make half of the file be read.
 */
const LINES_TRIED = 200;
const PIECE = 4096;
/** A line's begin is enough to find its time. */
const LONGEST_LINE = 64 * 1024;

/**
 * The offset from which a log file has to be read to see all lines that are not older than `wanted`.
 *
 * A binary search over the bytes between `from` and `to`; in a file with ascending times the result is the
 * begin of the first such line, or the end behind the last line if there is none. Lines without time may stand
 * between. When in doubt it is further to the front, so that too much is read rather than too little.
 *
 * @param timeOf the time of a line (without line end) in seconds since 1970 UTC, `null` when it has none
 * @throws the system's error when the file cannot be read, UnknownEncodingError
 */
export function seekByTime(
  path: string,
  from: number,
  to: number,
  timeOf: (line: string) => number | null,
  wanted: number,
  encoding: string,
): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const mark = Buffer.alloc(2);
    readSync(fd, mark, 0, 2, 0);
    const lines = new LineReader(fd, to, lookupEncoding(encoding, mark));
    return search(lines, from, to, timeOf, wanted);
  } finally {
    closeSync(fd);
  }
}

/** Every line that begins before `low` is too old; a line that begins at `high` or later may be skipped to. */
function search(
  lines: LineReader,
  from: number,
  to: number,
  timeOf: (line: string) => number | null,
  wanted: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const begin = lines.beginBehind(middle, low);
    const probe = begin === null || begin >= high ? null : firstTimed(lines, begin, high, timeOf);
    if (probe === null || probe.time >= wanted) {
      // Nothing to go by in the upper half, or it is young enough: the border lies in the lower half.
      high = middle;
    } else {
      low = probe.end;
    }
  }
  return low;
}

function firstTimed(
  lines: LineReader,
  begin: number,
  high: number,
  timeOf: (line: string) => number | null,
): { time: number; end: number } | null {
  let at = begin;
  for (let tries = 0; tries < LINES_TRIED && at < high; tries++) {
    const line = lines.at(at);
    if (!line) return null;
    const time = timeOf(line.text);
    if (time !== null) return { time, end: line.end };
    at = line.end;
  }
  return null;
}

/** Reads single lines of a file at given places. */
class LineReader {
  readonly #fd: number;
  readonly #end: number;
  readonly #decoder: LineDecoder;

  /** @param end what lies behind this offset is not looked at */
  constructor(fd: number, end: number, decoder: LineDecoder) {
    this.#fd = fd;
    this.#end = end;
    this.#decoder = decoder;
  }

  /** The begin of the first line that begins at `offset` or later; `origin` is known to be a line's begin. */
  beginBehind(offset: number, origin: number): number | null {
    const { unit } = this.#decoder;
    if (offset <= origin) return origin;
    const aligned = offset - ((offset - origin) % unit) - unit;
    return this.#endOfLine(Math.max(origin, aligned));
  }

  /** The whole line that begins at `offset`; `null` when it is not complete. */
  at(offset: number): { text: string; end: number } | null {
    const end = this.#endOfLine(offset);
    if (end === null) return null;
    const bytes = Buffer.alloc(Math.min(end - offset, LONGEST_LINE));
    const length = readSync(this.#fd, bytes, 0, bytes.length, offset);
    const { text } = this.#decoder.decode(bytes.subarray(0, length));
    return { text: text.replace(/[\r\n]+$/, ""), end };
  }

  #endOfLine(offset: number): number | null {
    const piece = Buffer.alloc(PIECE);
    for (let at = offset; at < this.#end; ) {
      const length = readSync(this.#fd, piece, 0, Math.min(PIECE, this.#end - at), at);
      if (length === 0) return null;
      const found = this.#decoder.firstLineEnd(piece.subarray(0, length), length, 0);
      if (found > 0) return at + found;
      // Pieces begin on whole code units, which an odd rest at the end would spoil.
      at += Math.max(1, length - (length % this.#decoder.unit));
    }
    return null;
  }
}
