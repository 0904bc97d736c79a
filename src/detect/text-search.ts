/** Finds the next of some texts in a long one. */
export interface TextSearch {
  /** Where the first of the texts begins that begins at or after `from`; -1: none does. */
  next(text: string, from: number): number;
}

/** A search for texts, none of them empty. */
export function textSearch(texts: readonly string[]): TextSearch {
  const shortest = Math.min(...texts.map((text) => text.length));
  return shortest >= SHORTEST_FOR_SKIPS ? new SkippingSearch(texts, shortest) : new PlainSearch(texts);
}

/** With shorter texts so little can be skipped that the engine's own search is as fast. */
const SHORTEST_FOR_SKIPS = 5;

class PlainSearch implements TextSearch {
  readonly #search: RegExp;

  constructor(texts: readonly string[]) {
    this.#search = new RegExp(texts.map((text) => RegExp.escape(text)).join("|"), "g");
  }

  next(text: string, from: number): number {
    this.#search.lastIndex = from;
    return this.#search.exec(text)?.index ?? -1;
  }
}

/**
 * The search of Wu and Manber: it looks at the last two characters of a window as long as the shortest text. If these
 * stand nowhere at the beginning of a text, as is mostly so, the window moves by nearly its length.
 */
class SkippingSearch implements TextSearch {
  readonly #window: number;
  /** How far the window moves, by the hash of its last two characters; 0: a text may begin here. */
  readonly #skips: Uint8Array;
  /** The texts that may begin here, by the same hash. */
  readonly #texts: readonly (readonly string[])[];

  constructor(texts: readonly string[], shortest: number) {
    this.#window = Math.min(shortest, MOST_SKIPPED);
    this.#skips = new Uint8Array(HASHES).fill(this.#window - 1);
    const begin: string[][] = Array.from({ length: HASHES }, () => []);
    for (const text of texts) {
      for (let end = 1; end < this.#window; end++) {
        const hash = pairHash(text.charCodeAt(end - 1), text.charCodeAt(end));
        this.#skips[hash] = Math.min(this.#skips[hash]!, this.#window - 1 - end);
        if (end === this.#window - 1) begin[hash]!.push(text);
      }
    }
    this.#texts = begin;
  }

  next(text: string, from: number): number {
    const skips = this.#skips;
    const { length } = text;
    const last = this.#window - 1;
    for (let end = from + last; end < length; ) {
      const hash = pairHash(text.charCodeAt(end - 1), text.charCodeAt(end));
      const skip = skips[hash]!;
      if (skip > 0) {
        end += skip;
        continue;
      }
      const start = end - last;
      for (const wanted of this.#texts[hash]!) if (text.startsWith(wanted, start)) return start;
      end++;
    }
    return -1;
  }
}

const HASHES = 1 << 12;
const MOST_SKIPPED = 128;

function pairHash(first: number, second: number): number {
  return ((first << 5) ^ second) & (HASHES - 1);
}
