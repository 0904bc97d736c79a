import { type AnyChar, type Char, type CharClass, EMPTY, mapChildren, type Node } from "./ast.ts";

/**
 * The same tree with the parser's wrapping undone (sequences in sequences, sequences of one item), without what is to
 * be repeated zero times, and with possessive quantifiers written as what they are: atomic groups round greedy ones.
 */
export function simplify(node: Node): Node {
  const changed = mapChildren(node, simplify);
  if (changed.type === "sequence") {
    const items = changed.items.flatMap((item) => (item.type === "sequence" ? item.items : [item]));
    return items.length === 1 ? items[0]! : { type: "sequence", items };
  }
  if (changed.type === "repeat") {
    const { min, max, body } = changed;
    if (max === 0) return EMPTY;
    if (min === 1 && max === 1) return changed.mode === "possessive" ? { type: "atomic", body } : body;
    if (changed.mode !== "possessive") return changed;
    // Python's possessive loop never goes back into a finished iteration either.
    const once: Node = isSingleCharacter(body) ? body : { type: "atomic", body };
    return { type: "atomic", body: { type: "repeat", min, max, mode: "greedy", body: once } };
  }
  return changed;
}

/** True for nodes that match exactly one character, in one way. */
export function isSingleCharacter(node: Node): node is Char | CharClass | AnyChar {
  return node.type === "char" || node.type === "class" || node.type === "any";
}
