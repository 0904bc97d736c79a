import type { SourceFault } from "./source-state.ts";

/** Hears what comes out of a {@link LineStream}. */
export interface LineListener {
  /** Whole lines, each with its newline, not decoded yet. */
  readonly onLines: (lines: Buffer) => void;
  /** Something is wrong or has ended; for the log. */
  readonly onTrouble: (message: string) => void;
}

/** A source of lines that are there once and never again: a pipe, the network. Several jails may listen. */
export interface LineStream {
  /** Why nothing comes; `null` while all is well. */
  readonly fault: SourceFault | null;
  /** Begins to listen; the returned function ends that. */
  listen(listener: LineListener): () => void;
}

/** Those who listen to one stream. */
export class Listeners {
  readonly #all = new Set<LineListener>();

  get size(): number {
    return this.#all.size;
  }

  add(listener: LineListener): void {
    this.#all.add(listener);
  }

  remove(listener: LineListener): boolean {
    return this.#all.delete(listener);
  }

  tellLines(lines: Buffer): void {
    for (const listener of [...this.#all]) listener.onLines(lines);
  }

  tellTrouble(message: string): void {
    for (const listener of [...this.#all]) listener.onTrouble(message);
  }
}
