import { OP } from "./pickle-opcodes.ts";

/** Size in bytes at which a frame is closed and a new one begun; longer strings stand outside of frames. */
const FRAME_TARGET = 64 * 1024;
/** Payloads below this size are written without a frame. */
const FRAME_MINIMUM = 4;
const FRAME_HEADER = 9;

/** Writes opcodes with their arguments into frames as pickle protocols 4 and 5 want them. */
export class PickleWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 2;
  /** Where the payload of the open frame begins; its header stands before it. */
  #frameStart = -1;

  constructor() {
    this.#buffer[0] = OP.PROTO;
    this.#buffer[1] = 5;
  }

  /** To be called between values: a frame that has grown large ends here. */
  boundary(): void {
    if (this.#frameStart >= 0 && this.#length - this.#frameStart >= FRAME_TARGET) this.#closeFrame();
  }

  /** Whether {@link boundary} would end the frame behind so many more bytes. */
  endsFrame(more: number): boolean {
    const begun = this.#frameStart < 0 ? 0 : this.#length - this.#frameStart;
    return begun + more >= FRAME_TARGET;
  }

  /** Characters of one byte each. */
  latin1(text: string): void {
    if (text === "") return;
    const at = this.#take(text.length);
    this.#buffer.write(text, at, "latin1");
  }

  op(op: number): void {
    const at = this.#take(1);
    this.#buffer[at] = op;
  }

  uint8(op: number, value: number): void {
    const at = this.#take(2);
    this.#buffer[at] = op;
    this.#buffer[at + 1] = value;
  }

  uint16(op: number, value: number): void {
    const at = this.#take(3);
    this.#buffer[at] = op;
    this.#buffer.writeUInt16LE(value, at + 1);
  }

  int32(op: number, value: number): void {
    const at = this.#take(5);
    this.#buffer[at] = op;
    this.#buffer.writeInt32LE(value, at + 1);
  }

  uint32(op: number, value: number): void {
    const at = this.#take(5);
    this.#buffer[at] = op;
    this.#buffer.writeUInt32LE(value, at + 1);
  }

  float64(op: number, value: number): void {
    const at = this.#take(9);
    this.#buffer[at] = op;
    this.#buffer.writeDoubleBE(value, at + 1);
  }

  bytes(bytes: Uint8Array): void {
    // Taking room may replace the buffer, so it has to come first.
    const at = this.#take(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** A byte string after its length, with the opcode for lengths of 1, 4 or 8 bytes. */
  sized(bytes: Uint8Array, short: number, long: number, huge: number): void {
    const outside = bytes.length >= FRAME_TARGET;
    if (outside) this.#closeFrame();
    if (bytes.length < 0x100) this.uint8(short, bytes.length);
    else if (bytes.length <= 0xffffffff) this.uint32(long, bytes.length);
    else {
      const at = this.#take(9);
      this.#buffer[at] = huge;
      this.#buffer.writeBigUInt64LE(BigInt(bytes.length), at + 1);
    }
    this.bytes(bytes);
    if (outside) this.#unframe();
  }

  /** The whole pickle. */
  finish(): Buffer {
    this.#closeFrame();
    return this.#buffer.subarray(0, this.#length);
  }

  #take(size: number): number {
    if (this.#frameStart < 0) {
      this.#grow(FRAME_HEADER + size);
      this.#length += FRAME_HEADER;
      this.#frameStart = this.#length;
    } else {
      this.#grow(size);
    }
    const at = this.#length;
    this.#length += size;
    return at;
  }

  #grow(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    this.#buffer.copy(bigger, 0, 0, this.#length);
    this.#buffer = bigger;
  }

  #closeFrame(): void {
    if (this.#frameStart < 0) return;
    const size = this.#length - this.#frameStart;
    if (size < FRAME_MINIMUM) {
      this.#unframe();
      return;
    }
    const header = this.#frameStart - FRAME_HEADER;
    this.#buffer[header] = OP.FRAME;
    this.#buffer.writeBigUInt64LE(BigInt(size), header + 1);
    this.#frameStart = -1;
  }

  /** Takes the header of the open frame out again. */
  #unframe(): void {
    const header = this.#frameStart - FRAME_HEADER;
    this.#buffer.copyWithin(header, this.#frameStart, this.#length);
    this.#length -= FRAME_HEADER;
    this.#frameStart = -1;
  }
}
