import type { Node } from "../pyregex/ast.ts";
import { asciiRanges, type CharSet, charSetOf } from "../pyregex/charset.ts";

/** What is known behind a part of an expression, given that everything so far matched. */
interface State {
  /** Something was taken already, so the text's start is behind. */
  readonly hasTaken: boolean;
  /** The text has ended, but for a final newline. */
  readonly hasEnded: boolean;
}

/**
 * Whether no text at all can match: the start of the text is demanded behind a character, more text behind its end, or a
 * character out of an empty set.
 *
 * @example isImpossible(parse("foo ^bar").root) // true
 */
export function isImpossible(root: Node): boolean {
  return after(root, { hasTaken: false, hasEnded: false }) === null;
}

/** The state behind a node; `null` when it cannot match. */
function after(node: Node, before: State): State | null {
  switch (node.type) {
    case "char":
    case "class":
    case "any":
      return isPossible(node, before) ? { ...before, hasTaken: true } : null;
    case "assertion":
      if (node.kind === "textStart") return before.hasTaken ? null : before;
      if (node.kind === "textEnd" || node.kind === "finalEnd") return { ...before, hasEnded: true };
      return before;
    case "sequence":
      return node.items.reduce((state: State | null, item) => state && after(item, state), before);
    case "alternation":
      return either(node.branches, before);
    case "conditional":
      return either([node.yes, node.no], before);
    case "capture":
    case "atomic":
      return after(node.body, before);
    case "repeat": {
      const state = after(node.body, before);
      if (node.min > 0) return state;
      return state === null ? before : common([before, state]);
    }
    default:
      return before;
  }
}

function isPossible(node: Extract<Node, { type: "char" | "class" | "any" }>, { hasEnded }: State): boolean {
  const set = charSetOf(node);
  const ascii = asciiRanges(set);
  if (!hasEnded) return ascii.length > 0 || !isEmptySet(set);
  return ascii.some(([low, high]) => low <= NEWLINE && NEWLINE <= high);
}

const NEWLINE = 0x0a;

/** Sets beyond ASCII are only known to be empty in the form `[^\s\S]`. */
function isEmptySet({ negated, categories, ranges }: CharSet): boolean {
  if (!negated) return categories.length === 0 && ranges.length === 0;
  return categories.some((a) => categories.some((b) => a.kind === b.kind && a.negated !== b.negated));
}

function either(branches: readonly Node[], before: State): State | null {
  const states = branches.map((branch) => after(branch, before)).filter((state) => state !== null);
  return states.length === 0 ? null : common(states);
}

function common(states: readonly State[]): State {
  return {
    hasTaken: states.every((state) => state.hasTaken),
    hasEnded: states.every((state) => state.hasEnded),
  };
}
