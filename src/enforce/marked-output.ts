import { BoundedOutput } from "./bounded-output.ts";
import type { OutputSink } from "./process-run.ts";

/** Longest line that ends a section, bytes: the mark, a blank, a number, a line end. */
const LONGEST_END = 80;

/** An output that several commands write one after the other, taken apart at the marks between them. */
export class MarkedOutput implements OutputSink {
  readonly #mark: string;
  readonly #limit: number;
  readonly #onSection: (output: BoundedOutput, status: string) => void;
  #current: BoundedOutput;
  /** End of the output so far that may be the beginning of a mark. */
  #tail: Buffer = Buffer.alloc(0);

  /**
   * @param mark after each section a line comes that holds it, a blank and a status; no other output can
   * @param limit most bytes that are kept of each section
   */
  constructor(mark: string, limit: number, onSection: (output: BoundedOutput, status: string) => void) {
    this.#mark = mark;
    this.#limit = limit;
    this.#onSection = onSection;
    this.#current = new BoundedOutput(limit);
  }

  /** What came after the last mark. */
  get rest(): BoundedOutput {
    this.#current.add(this.#tail);
    this.#tail = Buffer.alloc(0);
    return this.#current;
  }

  add(chunk: Buffer): void {
    let data = Buffer.concat([this.#tail, chunk]);
    for (;;) {
      const at = data.indexOf(this.#mark);
      const end = at < 0 ? -1 : data.indexOf("\n", at);
      if (end < 0) break;
      this.#current.add(data.subarray(0, at));
      const section = this.#current;
      this.#current = new BoundedOutput(this.#limit);
      const status = data.toString("latin1", at + this.#mark.length, end).trim();
      data = data.subarray(end + 1);
      this.#onSection(section, status);
    }
    const keep = Math.max(0, data.length - LONGEST_END);
    this.#current.add(data.subarray(0, keep));
    this.#tail = data.subarray(keep);
  }
}
