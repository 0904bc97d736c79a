import { children, type Node, type Repeat, some } from "./ast.ts";

/** Least and most characters that something can match. */
export interface Width {
  readonly min: number;
  readonly max: number;
}

/** Widths of nodes; back-references are as wide as the groups given. */
export function widthOf(node: Node, groups: ReadonlyMap<number, Width>): Width {
  switch (node.type) {
    case "char":
    case "class":
    case "any":
      return { min: 1, max: 1 };
    case "assertion":
    case "look":
      return { min: 0, max: 0 };
    case "capture":
    case "atomic":
      return widthOf(node.body, groups);
    case "backReference":
      return groups.get(node.index) ?? { min: 0, max: Infinity };
    case "sequence":
      return node.items.reduce((sum: Width, item) => {
        const width = widthOf(item, groups);
        return { min: sum.min + width.min, max: sum.max + width.max };
      }, NO_WIDTH);
    case "repeat": {
      const width = widthOf(node.body, groups);
      return { min: times(width.min, node.min), max: times(width.max, node.max) };
    }
    case "alternation":
      return eitherWidth(node.branches.map((branch) => widthOf(branch, groups)));
    case "conditional":
      return eitherWidth([widthOf(node.yes, groups), widthOf(node.no, groups)]);
  }
}

/** Widths of the groups, by number, for {@link widthOf}; empty where nothing refers back to a group. */
export function groupWidths(root: Node): ReadonlyMap<number, Width> {
  const widths = new Map<number, Width>();
  // To know them all takes long, and few expressions need them.
  if (!some(root, ({ type }) => type === "backReference")) return widths;
  const visit = (node: Node): void => {
    for (const child of children(node)) visit(child);
    if (node.type === "capture") widths.set(node.index, widthOf(node.body, widths));
  };
  visit(root);
  return widths;
}

const NO_WIDTH: Width = { min: 0, max: 0 };

function times(width: number, count: number): number {
  return width === 0 || count === 0 ? 0 : width * count;
}

function eitherWidth(widths: readonly Width[]): Width {
  return {
    min: Math.min(...widths.map((width) => width.min)),
    max: Math.max(...widths.map((width) => width.max)),
  };
}

/**
 * True when the ways of matching come in such an order that matching nothing is the last one. Only then an
 * optional iteration that matches nothing makes no difference: Python takes it and leaves the loop, ECMAScript
 * goes on looking for an iteration that matches something.
 */
export function emptyComesLast(node: Node, groups: ReadonlyMap<number, Width>): boolean {
  if (widthOf(node, groups).min > 0) return true;
  const last = (child: Node) => emptyComesLast(child, groups);
  switch (node.type) {
    case "sequence":
      return node.items.every(last);
    case "capture":
      return last(node.body);
    case "repeat":
      return node.mode === "greedy" && last(node.body);
    case "alternation": {
      const first = node.branches.findIndex((branch) => widthOf(branch, groups).min === 0);
      const others = node.branches.slice(first + 1);
      return last(node.branches[first]!) && others.every((branch) => widthOf(branch, groups).max === 0);
    }
    case "conditional":
      return last(node.yes) && last(node.no);
    default:
      return true;
  }
}

/** True when iterations may be added or left out and one of them can match nothing. */
export function hasEmptyIterations(node: Repeat, groups: ReadonlyMap<number, Width>): boolean {
  return node.max !== node.min && widthOf(node.body, groups).min === 0;
}

/** Groups inside a node. */
export function groupsIn(node: Node): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (inner: Node): void => {
    if (inner.type === "capture") found.add(inner.index);
    for (const child of children(inner)) visit(child);
  };
  visit(node);
  return found;
}

/** Number of nodes of a tree. */
export function sizeOf(node: Node): number {
  return children(node).reduce((sum, child) => sum + sizeOf(child), 1);
}
