import type { Expression } from "./expression.ts";
import { type Requirement, selectivity } from "./required-texts.ts";

/** Chooses, by cheap looks at a text, the expressions that are worth trying on it; their order is kept. */
export class Dispatch {
  readonly #byFirst: readonly (readonly number[])[];
  readonly #all: readonly number[];
  readonly #needed: readonly (Requirement | null)[];
  readonly #beginnings: readonly (readonly string[] | null)[];

  constructor(expressions: readonly Expression[]) {
    this.#all = expressions.map((_, index) => index);
    this.#byFirst = Array.from({ length: ASCII }, (_, code) =>
      this.#all.filter((index) => expressions[index]!.firstCharacters?.has(code) ?? true),
    );
    this.#beginnings = expressions.map((expression) => expression.beginnings);
    this.#needed = expressions.map((expression) => neededBy(expression));
  }

  /** Numbers of the expressions that can match a text with this beginning. */
  candidates(text: string): readonly number[] {
    return this.candidatesFor(text.charCodeAt(0));
  }

  /** Numbers of the expressions that can match a text with this first character (`NaN`: none). */
  candidatesFor(code: number): readonly number[] {
    return code < ASCII ? this.#byFirst[code]! : this.#all;
  }

  /** False when an expression certainly does not match the text. */
  isPossible(index: number, text: string): boolean {
    const beginnings = this.#beginnings[index];
    if (beginnings) {
      for (const beginning of beginnings) if (text.startsWith(beginning)) return true;
      return false;
    }
    const needed = this.#needed[index];
    if (!needed) return true;
    for (const part of needed) if (text.includes(part)) return true;
    return false;
  }
}

const ASCII = 128;
/** Looking for more texts than these costs as much as trying the expression. */
const MOST_TEXTS = 2;
const SHORTEST = 3;

function neededBy(expression: Expression): Requirement | null {
  const usable = expression.required.filter(
    (r) => r.length <= MOST_TEXTS && r.every((t) => t.length >= SHORTEST),
  );
  // An expression that is chosen by its first character fails fast enough by itself.
  if (expression.firstCharacters) return null;
  return usable.toSorted((a, b) => selectivity(b) - selectivity(a))[0] ?? null;
}
