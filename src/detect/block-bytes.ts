import { MOST_BYTES } from "../pyregex/byte-matcher.ts";

/** A block of lines as text and as bytes: those of its lines that are of pure ASCII can be scanned. */
export class BlockBytes {
  readonly text: string;
  /** A byte for each character of the text, {@link FOREIGN} for those beyond ASCII; and others behind them. */
  readonly bytes: Uint8Array;
  /** The first character beyond ASCII that stands at `#foreignFrom` or behind it. */
  #foreign: number;
  #foreignFrom = 0;

  constructor(text: string, bytes: Uint8Array, isAscii: boolean) {
    this.text = text;
    this.bytes = bytes;
    this.#foreign = isAscii ? NO_PLACE : this.#findForeign(0);
  }

  /** Whether a line, from `start` to `end`, is of pure ASCII. */
  isPlain(start: number, end: number): boolean {
    if (start < this.#foreignFrom || start > this.#foreign) {
      this.#foreign = this.#findForeign(start);
      this.#foreignFrom = start;
    }
    return this.#foreign >= end;
  }

  /**
   * Lays a line out in the bytes as it is without its date: in one piece, with a newline behind it. It may take the place
   * of the line that was laid out before.
   *
   * @param start where the line begins
   * @param cut where its date begins
   * @param resume where the line goes on
   * @param end where it ends
   * @returns where it is laid out; {@link NOWHERE}: it cannot be scanned
   */
  layOut(start: number, cut: number, resume: number, end: number): number {
    const { bytes } = this;
    if (!this.isPlain(start, end)) return NOWHERE;
    if (cut === start && bytes[end] === NEWLINE) return resume;
    const behind = this.text.length;
    const length = end - start - (resume - cut);
    if (length > MOST_BYTES) return NOWHERE;
    bytes.copyWithin(behind, start, cut);
    bytes.copyWithin(behind + cut - start, resume, end);
    bytes[behind + length] = NEWLINE;
    return behind;
  }

  #findForeign(from: number): number {
    const found = this.bytes.indexOf(FOREIGN, from);
    return found < 0 || found >= this.text.length ? NO_PLACE : found;
  }
}

/** The line cannot be laid out: it is too long, or not of pure ASCII. */
export const NOWHERE = -1;
const NO_PLACE = Number.POSITIVE_INFINITY;
const NEWLINE = 10;
const FOREIGN = 0x80;
const BEYOND_ASCII = /[^\0-\x7f]/g;

/** Room for the block at work, and behind it for one of its lines: only one block is at a time. */
let room = Buffer.alloc(0);

/**
 * A block with its bytes. They are valid until the next call.
 *
 * The engine reads a byte of an array in a fraction of the time that it needs for a character of a text.
 *
 * @param isAscii the block is known to be of pure ASCII
 */
export function bytesOf(text: string, isAscii: boolean): BlockBytes {
  const needed = text.length + MOST_BYTES + 1;
  if (room.length < needed) room = Buffer.alloc(needed);
  room.write(isAscii ? text : text.replace(BEYOND_ASCII, "\x80"), "latin1");
  return new BlockBytes(text, room, isAscii);
}
