import type { FailureData, FailureValue } from "./failure.ts";
import { dataName } from "./tags.ts";

/**
 * Carries the values of groups named `alt_…` and `tuple_…` over to the groups they stand for: an alternative
 * fills a group that captured nothing, a tuple collects several captures under one name.
 */
export class DerivedGroups {
  readonly #alternatives: readonly Derived[];
  readonly #tuples: readonly Derived[];

  /** True when there is nothing to carry over. */
  readonly isEmpty: boolean;

  /** @param names all named groups of an expression */
  constructor(names: readonly string[]) {
    this.#alternatives = derived(names, "alt_");
    this.#tuples = derived(names, "tuple_");
    this.isEmpty = this.#alternatives.length === 0 && this.#tuples.length === 0;
  }

  /** Adds the derived values to what a match captured. */
  apply(data: FailureData): void {
    for (const { group, target } of this.#alternatives) {
      if (data[group] && !data[target]) data[target] = data[group];
    }
    for (const { group, target } of this.#tuples) {
      data[target] = [...tupleOf(data[target]), data[group] as string | null];
    }
  }
}

interface Derived {
  readonly group: string;
  readonly target: string;
}

function derived(names: readonly string[], prefix: string): Derived[] {
  return names
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((group) => ({ group, target: dataName(group.slice(prefix.length).replace(/_\d+$/, "")) }));
}

function tupleOf(value: FailureValue | undefined): readonly (string | null)[] {
  if (Array.isArray(value)) return value as readonly (string | null)[];
  return [(value ?? null) as string | null];
}
