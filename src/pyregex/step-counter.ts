import { PyRegexBudgetError } from "./error.ts";
import type { Flags } from "./flags.ts";
import { Machine } from "./machine.ts";
import { parse } from "./parser.ts";
import { assemble } from "./program.ts";
import { simplify } from "./simplify.ts";

/** Counts the steps that a backtracking matcher such as Python's needs to search texts, whatever searches them here. */
export class StepCounter {
  readonly #machine: Machine;
  readonly #limit: number;

  /**
   * @param limit steps after which counting ends
   * @throws PyRegexError for a pattern that is not valid
   */
  constructor(pattern: string, flags: Flags, limit: number) {
    const { root, groupNames } = parse(pattern, flags);
    this.#machine = new Machine(assemble(simplify(root), groupNames.length), pattern, limit);
    this.#limit = limit;
  }

  /** Steps for a text; the limit when there are as many, or more. */
  count(text: string): number {
    try {
      this.#machine.run(text, 0, "search");
      return this.#machine.steps;
    } catch (error) {
      if (error instanceof PyRegexBudgetError) return this.#limit;
      throw error;
    }
  }
}
