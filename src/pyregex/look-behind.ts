import { groupWidths, widthOf } from "./analysis.ts";
import { type Look, type Node, type Pattern, some } from "./ast.ts";
import { PyRegexError } from "./error.ts";

/** Refuses look-behind of variable width, as Python does. */
export function checkLookBehind(pattern: Pattern): void {
  if (!pattern.source.includes("(?<")) return;
  // Few patterns look behind, and the widths of groups take long.
  let widths: ReturnType<typeof groupWidths> | null = null;
  const isVariable = (node: Node): node is Look => {
    if (node.type !== "look" || !node.behind) return false;
    widths ??= groupWidths(pattern.root);
    const width = widthOf(node.body, widths);
    return width.min !== width.max;
  };
  some(pattern.root, (node) => {
    if (!isVariable(node)) return false;
    throw new PyRegexError("look-behind requires fixed-width pattern", pattern.source);
  });
}
