/** Who takes what {@link SyslogFrames} finds. */
export interface SyslogFramesOptions {
  readonly onMessage: (message: Buffer) => void;
  /** A message of so many bytes, or more, was left out. */
  readonly onSkipped: (bytes: number) => void;
  /** Bytes; 64 KiB by default. */
  readonly longestMessage?: number;
}

const LONGEST_MESSAGE = 64 * 1024;
const LONGEST_COUNT = 8;
const NEWLINE = 0x0a;
const NUL = 0;

/**
 * Finds the messages in a TCP connection, each framed by itself: `83 <34>1 …` names its length, any other ends with
 * a newline or a NUL (RFC 6587). Takes pieces cut anywhere, in bounded memory.
 */
export class SyslogFrames {
  readonly #o: SyslogFramesOptions;
  readonly #longest: number;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a counted message still to be passed over; `null`: up to the next newline. */
  #passOver: number | null = 0;

  constructor(options: SyslogFramesOptions) {
    this.#o = options;
    this.#longest = options.longestMessage ?? LONGEST_MESSAGE;
  }

  push(piece: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#passOver === 0 ? this.#readMessage(bytes, at) : this.#skip(bytes, at);
      if (next < 0) break;
      at = next;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** The connection has ended: what is left is a message too, unless it is known to be incomplete. */
  end(): void {
    if (this.#rest.length > 0 && !countAt(this.#rest, 0)) this.#o.onMessage(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  /** Gives the place behind the message, or -1 when it is not complete. */
  #readMessage(bytes: Buffer, at: number): number {
    const count = countAt(bytes, at);
    if (count === "incomplete") return -1;
    if (!count) return this.#readLine(bytes, at);
    const end = count.start + count.length;
    if (count.length > this.#longest) {
      this.#o.onSkipped(count.length);
      this.#passOver = count.length;
      return count.start;
    }
    if (end > bytes.length) return -1;
    this.#o.onMessage(bytes.subarray(count.start, end));
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = lineEnd(bytes, at);
    if (end - at > this.#longest) {
      this.#o.onSkipped(end - at);
      this.#passOver = null;
      return Math.min(end, bytes.length);
    }
    if (end === bytes.length) return -1;
    if (end > at) this.#o.onMessage(bytes.subarray(at, end));
    return end + 1;
  }

  #skip(bytes: Buffer, at: number): number {
    if (this.#passOver === null) {
      const end = lineEnd(bytes, at);
      if (end < bytes.length) this.#passOver = 0;
      return Math.min(end + 1, bytes.length);
    }
    const passed = Math.min(this.#passOver, bytes.length - at);
    this.#passOver -= passed;
    return at + passed;
  }
}

/** The length that a message begins with, and where the message begins; `null`: it begins otherwise. */
function countAt(bytes: Buffer, at: number): { start: number; length: number } | "incomplete" | null {
  const begin = bytes.toString("latin1", at, at + LONGEST_COUNT + 1);
  const match = /^([1-9]\d{0,7})(?: |$)/.exec(begin);
  if (!match) return null;
  if (!match[0].endsWith(" ")) return begin.length <= LONGEST_COUNT ? "incomplete" : null;
  return { start: at + match[0].length, length: Number(match[1]) };
}

/** Index of the next newline or NUL, or the length. */
function lineEnd(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  const end = newline < 0 ? bytes.length : newline;
  const nul = bytes.subarray(at, end).indexOf(NUL);
  return nul < 0 ? end : at + nul;
}
