import { decodeUtf8 } from "./python-utf8.ts";

/** A pickle that cannot or must not be read; the message is the reason. */
export class PickleError extends Error {
  override readonly name = "PickleError";
}

/** What stands for bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";
const TRUNCATED = "pickle data was truncated";

/** Reads the arguments of pickle opcodes from a byte string, never beyond its end. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  opcode(): number {
    const op = this.#buffer[this.#at];
    if (op === undefined) throw new PickleError("Ran out of input");
    this.#at++;
    return op;
  }

  uint8(): number {
    return this.#buffer[this.#take(1)] ?? 0;
  }

  uint16(): number {
    return this.#buffer.readUInt16LE(this.#take(2));
  }

  int32(): number {
    return this.#buffer.readInt32LE(this.#take(4));
  }

  uint32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  uint64(): number {
    return Number(this.#buffer.readBigUInt64LE(this.#take(8)));
  }

  float64(): number {
    return this.#buffer.readDoubleBE(this.#take(8));
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Buffer {
    if (length < 0) throw new PickleError("negative length in pickle");
    const start = this.#take(length);
    return this.#buffer.subarray(start, start + length);
  }

  utf8(length: number): string {
    if (length < 0) throw new PickleError("negative length in pickle");
    const start = this.#take(length);
    const end = start + length;
    // The engine's own decoder is several times as fast, and marks what it cannot decode.
    const text = this.#buffer.toString("utf8", start, end);
    if (!text.includes(REPLACEMENT)) return text;
    try {
      return decodeUtf8(this.#buffer.subarray(start, end));
    } catch (error) {
      throw error instanceof RangeError ? new PickleError(error.message) : error;
    }
  }

  ascii(length: number): string {
    const bytes = this.bytes(length);
    const bad = bytes.findIndex((byte) => byte > 0x7f);
    if (bad >= 0) {
      const byte = bytes[bad]?.toString(16);
      throw new PickleError(
        `'ascii' codec can't decode byte 0x${byte} in position ${bad}: ordinal not in range(128)`,
      );
    }
    return bytes.toString("latin1");
  }

  /** The bytes up to the next newline, which is skipped. */
  line(): Buffer {
    const end = this.#buffer.indexOf(0x0a, this.#at);
    if (end < 0) throw new PickleError(TRUNCATED);
    const line = this.#buffer.subarray(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#buffer.length) throw new PickleError(TRUNCATED);
    this.#at = start + length;
    return start;
  }
}
