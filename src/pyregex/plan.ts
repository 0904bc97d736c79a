import { emptyComesLast, groupsIn, groupWidths, hasEmptyIterations } from "./analysis.ts";
import { type Node, some } from "./ast.ts";
import { withBranchConditions } from "./branch-conditions.ts";
import { CertainGroups } from "./certainty.ts";
import { expandConditionals } from "./expand.ts";

/** Who does what for a pattern: the engine's RegExp wherever it is exact, the machine for the rest. */
export interface Plan {
  /** The tree to print for the engine; `null` when only the machine can match the pattern. */
  readonly printable: Node | null;
  /** The engine is exact on texts beyond ASCII too. */
  readonly beyondAscii: boolean;
  /** Python 3.11 never finds `\B` in an empty text. */
  readonly emptyTextDiffers: boolean;
}

/** Decides how to match a (simplified) tree. */
export function planFor(root: Node): Plan {
  return {
    printable: hasDivergentLoops(root) ? null : withoutConditionals(root),
    beyondAscii: !some(root, (node) => node.type === "backReference" && node.fold !== "none"),
    emptyTextDiffers: some(root, (node) => node.type === "assertion" && node.kind === "notBoundary"),
  };
}

/** The tree with conditionals put apart; `null` when there is no such tree. */
function withoutConditionals(root: Node): Node | null {
  const hasConditionals = some(root, ({ type }) => type === "conditional");
  // Back-references to groups that may be unset are conditionals, too.
  if (!hasConditionals && !some(root, ({ type }) => type === "backReference")) return root;
  const expanded = expandConditionals(root);
  // Only putting conditionals apart makes branches that begin alike.
  return expanded && hasConditionals ? withBranchConditions(expanded) : expanded;
}

/** True when an empty iteration ends a loop in Python before ECMAScript would end it. */
function hasDivergentLoops(root: Node): boolean {
  const widths = groupWidths(root);
  return some(
    root,
    (node) =>
      node.type === "repeat" &&
      node.max > 1 &&
      node.mode === "greedy" &&
      hasEmptyIterations(node, widths) &&
      !emptyComesLast(node.body, widths),
  );
}

/**
 * True when all captures that the engine finds with a printed tree are Python's; otherwise the machine has to find them
 * where the engine found a match: ECMAScript forgets the captures of a loop at each iteration, takes no empty
 * iterations, and reads look-behind backwards.
 */
export function keepsCaptures(root: Node): boolean {
  const widths = groupWidths(root);
  const certain = new CertainGroups(root);
  return !some(root, (node) => {
    if (node.type === "look" && node.behind) return groupsIn(node).size > 0 && some(node, hasChoice);
    if (node.type !== "repeat" || node.max <= 1) return false;
    const groups = groupsIn(node.body);
    if (groups.size === 0) return false;
    const set = certain.after(node.body);
    return hasEmptyIterations(node, widths) || [...groups].some((group) => !set.has(group));
  });
}

function hasChoice(node: Node): boolean {
  return node.type === "alternation" || node.type === "repeat" || node.type === "atomic";
}
