/** Most buffers that are kept for later; more are left to the garbage collector. */
const MOST_KEPT = 4;

/** Buffers of one block each, used again and again: a new one for every line written would cost more than reading it. */
export class BlockBuffers {
  readonly #bytes: number;
  readonly #free: Buffer[] = [];

  /** @param bytes size of each buffer */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** A buffer with any content. Whoever takes it may lose it, but must not use it after {@link give}. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** Takes a buffer back. */
  give(buffer: Buffer): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(buffer);
  }
}
