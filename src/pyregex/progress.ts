import { EMPTY, NEVER, type Node, type Repeat } from "./ast.ts";
import { PyRegexBudgetError } from "./error.ts";
import type { Flags } from "./flags.ts";
import { Machine, type Spans } from "./machine.ts";
import { type Place, parse } from "./parser.ts";
import { assemble } from "./program.ts";
import { simplify } from "./simplify.ts";

/** How far a search for a pattern came before it failed. */
export interface Progress {
  /** The pattern up to here still matches; in UTF-16 units, as all places here. */
  readonly patternEnd: number;
  /** The part of the pattern that comes next, and that nothing matched. */
  readonly next: Place;
  /** Where in the text the match of the pattern's beginning begins and ends. */
  readonly textStart: number;
  readonly textEnd: number;
}

/** Steps that one attempt may take. */
const STEP_LIMIT = 2_000_000;

/**
 * Finds the longest beginning of a pattern that still matches in a text in which the whole pattern does not.
 *
 * Beginnings end between two parts of the pattern: at the top level, or inside the group, alternative or
 * repetition that could not be matched. A run of literal characters is one part, of which those count that
 * follow in the text at once. There may be many attempts: run it under a time limit where the text is hostile.
 *
 * @returns `null` when the whole pattern matches, or finding out would take too long
 * @throws {PyRegexError} for a pattern that is not valid
 */
export function searchProgress(pattern: string, text: string, flags: Partial<Flags> = {}): Progress | null {
  const places = new Map<Node, Place>();
  const { root, groupCount } = parse(pattern, { ...NO_FLAGS, ...flags }, places);
  try {
    const search = new Search(text, groupCount, places);
    if (search.matches(root)) return null;
    const found = search.into(root, [], [0, [...pattern].length]);
    return found && inUnits(found, pattern);
  } catch (error) {
    if (error instanceof PyRegexBudgetError) return null;
    throw error;
  }
}

const NO_FLAGS: Flags = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  verbose: false,
  ascii: false,
};

/** Looks for the place where a tree stops matching. */
class Search {
  readonly #text: string;
  readonly #groupCount: number;
  readonly #places: ReadonlyMap<Node, Place>;

  constructor(text: string, groupCount: number, places: ReadonlyMap<Node, Place>) {
    this.#text = text;
    this.#groupCount = groupCount;
    this.#places = places;
  }

  matches(root: Node): boolean {
    return this.#match([root]) !== null;
  }

  /**
   * How far `node` can be followed.
   *
   * @param before what precedes it and matches
   * @param place where it stands in the pattern
   */
  into(node: Node, before: readonly Node[], place: Place): Progress | null {
    switch (node.type) {
      case "sequence":
        return this.#intoSequence(node.items, before, place);
      case "capture":
      case "atomic":
        return this.into(node.body, before, place);
      case "look":
        if (node.negated || node.behind) return this.#reach(before, place);
        return this.into(node.body, before, place);
      case "repeat":
        return this.into(node.body, [...before, ...fewer(node)], place);
      case "alternation":
        return furthest(node.branches.map((branch) => this.into(branch, before, place)));
      case "conditional": {
        const { index, yes, no } = node;
        const isSet: Node = { type: "conditional", index, yes: EMPTY, no: NEVER };
        const isUnset: Node = { type: "conditional", index, yes: NEVER, no: EMPTY };
        return furthest([
          this.into(yes, [...before, isSet], place),
          this.into(no, [...before, isUnset], place),
        ]);
      }
      default:
        return this.#reach(before, place);
    }
  }

  /** How far what precedes the part at `place` reaches. */
  #reach(before: readonly Node[], place: Place): Progress | null {
    const spans = this.#match(before);
    return spans && { patternEnd: place[0], next: place, textStart: spans[0]!, textEnd: spans[1]! };
  }

  #intoSequence(items: readonly Node[], before: readonly Node[], place: Place): Progress | null {
    let matching = this.#match(before);
    if (!matching) return null;
    // Each beginning is the beginning of the next, so halving finds the last that matches.
    let low = 0;
    for (let high = items.length; low < high; ) {
      const middle = Math.ceil((low + high) / 2);
      const spans = this.#match([...before, ...items.slice(0, middle)]);
      if (spans) {
        low = middle;
        matching = spans;
      } else high = middle - 1;
    }
    if (low === items.length) return null;
    return this.#at(items, low, before, place, matching);
  }

  /** What there is to say when all items before the one at `index` match and it does not. */
  #at(
    items: readonly Node[],
    index: number,
    before: readonly Node[],
    place: Place,
    spans: Spans,
  ): Progress | null {
    const [textStart, textEnd] = spans as readonly [number, number];
    const first = this.#runStart(items, index);
    // Single characters of a literal text turn up anywhere behind what matches any text.
    if (first < index && !this.#follows(items, first, index, before))
      return this.#at(items, first, before, place, this.#match([...before, ...items.slice(0, first)])!);
    const item = items[index]!;
    const known = this.#places.get(item);
    const own = known ?? place;
    const deeper = this.into(item, [...before, ...items.slice(0, index)], own);
    if (deeper && (!known || deeper.textEnd > textEnd)) return deeper;
    const end = this.#places.get(items[runEnd(items, index) - 1]!)?.[1] ?? own[1];
    return { patternEnd: own[0], next: [own[0], Math.max(end, own[1])], textStart, textEnd };
  }

  /** Index of the first of the literal characters around an item that is one. */
  #runStart(items: readonly Node[], index: number): number {
    let first = index;
    if (items[index]!.type === "char") while (items[first - 1]?.type === "char") first--;
    return first;
  }

  /** Whether the literal characters from `first` on stand where what precedes them ends first. */
  #follows(items: readonly Node[], first: number, index: number, before: readonly Node[]): boolean {
    const start = this.#match([...before, ...items.slice(0, first)]);
    const end = this.#match([...before, ...items.slice(0, index)]);
    return start !== null && end !== null && end[0] === start[0] && end[1]! - start[1]! === index - first;
  }

  #match(nodes: readonly Node[]): Spans | null {
    const tree = simplify({ type: "sequence", items: nodes });
    const machine = new Machine(assemble(tree, this.#groupCount), "", STEP_LIMIT);
    return machine.run(this.#text, 0, "search");
  }
}

/** The iterations of a repetition that must precede the one that failed, as far as they matched. */
function fewer(node: Repeat): readonly Node[] {
  return node.min > 1 ? [{ ...node, min: 0, max: node.min - 1, mode: "possessive" }] : [];
}

function runEnd(items: readonly Node[], index: number): number {
  let end = index + 1;
  if (items[index]!.type === "char") while (items[end]?.type === "char") end++;
  return end;
}

function furthest(all: readonly (Progress | null)[]): Progress | null {
  let best: Progress | null = null;
  for (const one of all) if (one && (best === null || one.textEnd > best.textEnd)) best = one;
  return best;
}

function inUnits(progress: Progress, pattern: string): Progress {
  const characters = [...pattern];
  if (characters.length === pattern.length) return progress;
  const units = (count: number) => characters.slice(0, count).join("").length;
  const [start, end] = progress.next;
  return { ...progress, patternEnd: units(progress.patternEnd), next: [units(start), units(end)] };
}
