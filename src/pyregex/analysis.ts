import { children, type Node } from "./ast.ts";

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

/** Widths of all groups, by number. */
export function groupWidths(root: Node): ReadonlyMap<number, Width> {
  const widths = new Map<number, Width>();
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
