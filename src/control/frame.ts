/** What ends a pickled message, in both directions. */
export const TERMINATOR_TEXT = "<F2B_END_COMMAND>";
export const TERMINATOR: Buffer = Buffer.from(TERMINATOR_TEXT, "latin1");
/** The message that asks the server to close the connection. */
export const CLOSE: Buffer = Buffer.from("<F2B_CLOSE_COMMAND>", "latin1");

const NEWLINE = 0x0a;
/** `{`: begins a JSON request and is no pickle opcode. */
const OPEN_BRACE = 0x7b;

/** One message as it came in. */
export interface Frame {
  /** `pickle`: bytes up to the terminator, which may be {@link CLOSE}; `json`: one line without its newline. */
  readonly kind: "pickle" | "json";
  readonly bytes: Buffer;
}

/** A message grew beyond the limit; the connection has to be closed, as its rest cannot be told from a next one. */
export class FrameTooLongError extends Error {
  override readonly name = "FrameTooLongError";
}

/**
 * Cuts what a connection delivers, in pieces of any size, into messages. The first byte of each message tells
 * its kind: `{` begins a JSON line, anything else a pickle that ends with {@link TERMINATOR}.
 */
export class FrameReader {
  readonly #limit: number;
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Up to here no end of message was found, so a message that arrives byte by byte is searched only once. */
  #searched = 0;

  /** @param limit longest message in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds what was received. */
  push(chunk: Uint8Array): void {
    this.#reserve(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Bytes of an unfinished message, or of messages not yet taken with {@link next}. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /**
   * The next complete message, `null` when there is none yet. The bytes are a copy.
   *
   * @throws FrameTooLongError when the message exceeds the limit
   */
  next(): Frame | null {
    if (this.pending === 0) return null;
    const kind = this.#buffer[this.#start] === OPEN_BRACE ? "json" : "pickle";
    const view = this.#buffer.subarray(0, this.#end);
    const from = Math.max(this.#start, this.#searched - TERMINATOR.length + 1);
    const at = kind === "json" ? view.indexOf(NEWLINE, from) : view.indexOf(TERMINATOR, from);
    const size = (at < 0 ? this.#end : at) - this.#start;
    if (size > this.#limit) throw new FrameTooLongError(`message of more than ${this.#limit} bytes`);
    if (at < 0) {
      this.#searched = this.#end;
      return null;
    }
    const bytes = Buffer.from(view.subarray(this.#start, at));
    this.#start = at + (kind === "json" ? 1 : TERMINATOR.length);
    this.#searched = this.#start;
    if (this.pending === 0) this.#release();
    return { kind, bytes };
  }

  #reserve(size: number): void {
    if (this.#end + size <= this.#buffer.length) return;
    const pending = this.#buffer.subarray(this.#start, this.#end);
    const capacity = Math.max(256, (pending.length + size) * 2);
    const bigger = Buffer.allocUnsafe(capacity);
    pending.copy(bigger);
    this.#buffer = bigger;
    this.#searched -= this.#start;
    this.#end = pending.length;
    this.#start = 0;
  }

  #release(): void {
    this.#start = 0;
    this.#end = 0;
    this.#searched = 0;
    if (this.#buffer.length > 64 * 1024) this.#buffer = Buffer.alloc(0);
  }
}
