import { type Char, mapChildren, type Node, type Sequence, some } from "./ast.ts";

/**
 * The same tree, in which branches that end with a text are tried only where that text is to come.
 *
 * A conditional whose branches are put apart leaves an alternative that often fails at its very end, after much
 * going back and forth: of `(?:(\S+) from …: |…)` the first branch comes to nothing in lines without `": "`. A
 * look ahead tells that at once. Trees without any look are left as they are, as the engine can match them in
 * linear time when it has to.
 */
export function withBranchConditions(root: Node): Node {
  return some(root, (node) => node.type === "look") ? condition(root) : root;
}

function condition(node: Node): Node {
  if (node.type === "look") return node;
  const changed = mapChildren(node, condition);
  return changed.type === "alternation"
    ? { ...changed, branches: changed.branches.map(onCondition) }
    : changed;
}

/** A shorter text is found nearly everywhere. */
const SHORTEST = 2;

function onCondition(branch: Node): Node {
  if (branch.type !== "sequence") return branch;
  const text = textAtEnd(branch);
  const before = branch.items.slice(0, branch.items.length - text.length);
  const canGoBack = before.some((item) =>
    some(item, (node) => node.type === "repeat" && node.max === Infinity),
  );
  if (text.length < SHORTEST || !canGoBack) return branch;
  const skipped: Node = {
    type: "repeat",
    min: 0,
    max: Infinity,
    mode: "lazy",
    body: { type: "any", dotAll: true },
  };
  const body: Node = { type: "sequence", items: [skipped, ...text] };
  const look: Node = { type: "look", behind: false, negated: false, body, position: 0 };
  return { type: "sequence", items: [look, ...branch.items] };
}

/** The characters that the branch ends with. */
function textAtEnd({ items }: Sequence): readonly Char[] {
  const start = items.findLastIndex((item) => item.type !== "char" || item.fold !== "none") + 1;
  return items.slice(start).filter((item) => item.type === "char");
}
