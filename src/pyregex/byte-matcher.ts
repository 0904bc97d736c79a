import type { Node } from "./ast.ts";
import { FIRST_GROUP, NotWritable, writeByteCode } from "./byte-code.ts";

/** How a search in bytes ended. */
export type ByteResult =
  | typeof FOUND
  | typeof NOTHING
  /** It was given up: another way of matching has to be asked. */
  | typeof UNDECIDED;

export const NOTHING = 0;
export const FOUND = 1;
export const UNDECIDED = 2;

type Match = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * Searches pure ASCII bytes, and tells of a match only where some groups are. Made of code that is written for the one
 * pattern: it takes no text out of a log to look at it, which costs more than the looking.
 *
 * It never takes long: when a match needs more attempts than a usual line does, it gives up.
 */
export class ByteMatcher {
  readonly #match: Match;
  readonly #registers: Int32Array;

  private constructor(match: Match, registers: Int32Array) {
    this.#match = match;
    this.#registers = registers;
  }

  /**
   * A matcher for a (simplified) tree; `null` when there is none for such a tree.
   *
   * @param wanted numbers of the groups whose places are to be told, in this order
   */
  static for(root: Node, wanted: readonly number[]): ByteMatcher | null {
    try {
      const { source, tables, registers } = writeByteCode(root, wanted);
      const make = new Function("tables", "r", "limit", "gaveUp", source);
      const r = new Int32Array(registers);
      return new ByteMatcher(make(tables, r, MOST_ATTEMPTS, GAVE_UP) as Match, r);
    } catch (error) {
      if (error instanceof NotWritable) return null;
      throw error;
    }
  }

  /** Where the last match ended. */
  get end(): number {
    return this.#registers[0]!;
  }

  /** Where a wanted group (its index among these) began in the last match; -1: it took no part. */
  startOf(wanted: number): number {
    return this.#registers[FIRST_GROUP + 2 * wanted]!;
  }

  /** Where it ended. */
  endOf(wanted: number): number {
    return this.#registers[FIRST_GROUP + 1 + 2 * wanted]!;
  }

  /** Searches the bytes from `start` to `end` as if they were all of the text. */
  search(bytes: Uint8Array, start: number, end: number): ByteResult {
    if (end - start > MOST_BYTES) return UNDECIDED;
    try {
      return this.#match(bytes, start, end) ? FOUND : NOTHING;
    } catch (error) {
      if (error === GAVE_UP || error instanceof RangeError) return UNDECIDED;
      throw error;
    }
  }
}

/** Thrown by the code itself: without the cost of a trace, as it is caught at once. */
const GAVE_UP = Symbol("too many attempts");
const MOST_ATTEMPTS = 2000;
/** Most bytes that are searched: a single attempt can take as many steps as there are. */
export const MOST_BYTES = 1 << 13;
