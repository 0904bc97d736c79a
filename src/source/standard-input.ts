import { errorText } from "./file-io.ts";
import { LineSplitter } from "./line-splitter.ts";
import { type LineListener, type LineStream, Listeners } from "./line-stream.ts";
import type { SourceFault } from "./source-state.ts";

/** The part of a stream that is read from; `process.stdin` has it. */
export interface Readable {
  on(event: "data", listener: (piece: Buffer) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/**
 * The process's standard input. It is read while somebody listens; all that listen get all lines. Nothing is
 * touched before, as it belongs to the terminal or to a client.
 */
export class StandardInput implements LineStream {
  readonly #open: () => Readable;
  readonly #listeners = new Listeners();
  #input: Readable | null = null;
  /** Why nothing will come any more. */
  #end: string | null = null;

  /** @param open gives the stream, when it is needed for the first time */
  constructor(open: () => Readable = () => process.stdin) {
    this.#open = open;
  }

  get fault(): SourceFault | null {
    return this.#end === null ? null : { health: "ended", since: null, reason: this.#end };
  }

  listen(listener: LineListener): () => void {
    this.#listeners.add(listener);
    if (this.#end !== null) listener.onTrouble(this.#end);
    else if (this.#input) this.#input.resume();
    else this.#begin();
    return () => {
      if (this.#listeners.remove(listener) && this.#listeners.size === 0) this.#input?.pause();
    };
  }

  #begin(): void {
    const lines = new LineSplitter({
      onLines: (bytes) => this.#listeners.tellLines(bytes),
      onSkipped: (bytes) => this.#listeners.tellTrouble(`Skipped a line of ${bytes} bytes in standard input`),
    });
    try {
      this.#input = this.#open();
    } catch (error) {
      this.#finish(`Unable to read standard input: ${errorText(error)}`);
      return;
    }
    this.#input.on("data", (piece) => lines.push(piece));
    this.#input.on("error", (error) => this.#finish(`Unable to read standard input: ${errorText(error)}`));
    this.#input.on("end", () => {
      lines.end();
      this.#finish("Standard input has ended, no more lines will come from there");
    });
    this.#input.resume();
  }

  #finish(reason: string): void {
    if (this.#end !== null) return;
    this.#end = reason;
    this.#listeners.tellTrouble(reason);
  }
}
