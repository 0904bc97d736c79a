import { isAscii } from "../pyregex/ascii.ts";
import type { BlockBytes } from "./block-bytes.ts";

/** Finds the next of some texts in a long one. */
export interface TextSearch {
  /** Where the first of the texts begins that begins at or after `from`; -1: none does. */
  next(text: string, from: number): number;
  /** The same in a block of which the bytes are at hand. */
  nextIn(block: BlockBytes, from: number): number;
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

  nextIn({ text }: BlockBytes, from: number): number {
    return this.next(text, from);
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
  /** The same as codes of characters. */
  readonly #codes: readonly (readonly Uint16Array[])[];
  readonly #isAscii: boolean;

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
    this.#codes = begin.map((list) => list.map(codesOf));
    this.#isAscii = texts.every(isAscii);
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

  nextIn({ text, bytes }: BlockBytes, from: number): number {
    // The bytes do not tell which character beyond ASCII stands somewhere.
    if (!this.#isAscii) return this.next(text, from);
    const { length } = text;
    const skips = this.#skips;
    const last = this.#window - 1;
    for (let end = from + last; end < length; ) {
      const hash = pairHash(bytes[end - 1]!, bytes[end]!);
      const skip = skips[hash]!;
      if (skip > 0) {
        end += skip;
        continue;
      }
      const start = end - last;
      for (const codes of this.#codes[hash]!)
        if (start + codes.length <= length && standsAt(bytes, start, codes)) return start;
      end++;
    }
    return -1;
  }
}

function codesOf(text: string): Uint16Array {
  return Uint16Array.from(text, (char) => char.charCodeAt(0));
}

function standsAt(bytes: Uint8Array, start: number, codes: Uint16Array): boolean {
  for (let i = 0; i < codes.length; i++) if (bytes[start + i] !== codes[i]) return false;
  return true;
}

const HASHES = 1 << 12;
const MOST_SKIPPED = 128;

function pairHash(first: number, second: number): number {
  return ((first << 5) ^ second) & (HASHES - 1);
}
