/** Keeps the beginning of an output and counts the rest, so that a talkative command costs no memory. */
export class BoundedOutput {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #kept = 0;
  #dropped = 0;

  /** @param limit most bytes that are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    const room = this.#limit - this.#kept;
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
    if (part.length > 0) this.#chunks.push(part);
    this.#kept += part.length;
    this.#dropped += chunk.length - part.length;
  }

  /** What was kept, as text; bytes that are no UTF-8 become U+FFFD. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  /** Number of bytes that were not kept. */
  get dropped(): number {
    return this.#dropped;
  }
}
