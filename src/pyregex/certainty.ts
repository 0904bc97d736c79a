import { groupWidths, hasEmptyIterations, type Width } from "./analysis.ts";
import { type Alternation, NEVER, type Node } from "./ast.ts";

type Groups = ReadonlySet<number>;

/**
 * Walks a tree in the order of matching and keeps the groups that are certainly set, with the value that
 * ECMAScript would have too: those set in an optional part, or by some iterations of a loop only, are not.
 */
export class CertainGroups {
  readonly #widths: ReadonlyMap<number, Width>;

  constructor(root: Node) {
    this.#widths = groupWidths(root);
  }

  /**
   * The tree with conditionals decided where the group is certainly set, and with back-references to other
   * groups written as conditionals that fail when the group is not set.
   */
  rewrite(root: Node): Node {
    return this.#rewrite(root, new Set())[0];
  }

  /** Groups certainly set behind `node`, given those set before it. */
  after(node: Node, before: Groups = new Set()): Groups {
    return this.#rewrite(node, before)[1];
  }

  #rewrite(node: Node, before: Groups): [Node, Groups] {
    switch (node.type) {
      case "sequence": {
        let set = before;
        const items = node.items.map((item) => {
          const [changed, after] = this.#rewrite(item, set);
          set = after;
          return changed;
        });
        return [{ type: "sequence", items }, set];
      }
      case "alternation":
        return this.#alternation(node, before);
      case "capture": {
        const [body, after] = this.#rewrite(node.body, before);
        return [{ ...node, body }, new Set([...after, node.index])];
      }
      case "repeat": {
        const [body, after] = this.#rewrite(node.body, before);
        const certain = node.min > 0 && !(node.max > 1 && hasEmptyIterations(node, this.#widths));
        return [{ ...node, body }, certain ? after : before];
      }
      case "atomic":
      case "look": {
        const [body, after] = this.#rewrite(node.body, before);
        const keeps = node.type === "atomic" || !(node.negated || node.behind);
        return [{ ...node, body }, keeps ? after : before];
      }
      case "conditional": {
        if (before.has(node.index)) return this.#rewrite(node.yes, before);
        const [yes, afterYes] = this.#rewrite(node.yes, new Set([...before, node.index]));
        const [no, afterNo] = this.#rewrite(node.no, before);
        return [{ ...node, yes, no }, intersection([afterYes, afterNo])];
      }
      case "backReference":
        if (before.has(node.index)) return [node, before];
        return [{ type: "conditional", index: node.index, yes: node, no: NEVER }, before];
      default:
        return [node, before];
    }
  }

  #alternation(node: Alternation, before: Groups): [Node, Groups] {
    const results = node.branches.map((branch) => this.#rewrite(branch, before));
    return [
      { type: "alternation", branches: results.map(([branch]) => branch) },
      intersection(results.map(([, after]) => after)),
    ];
  }
}

function intersection(sets: readonly Groups[]): Groups {
  const [first, ...others] = sets;
  return new Set([...(first ?? [])].filter((group) => others.every((set) => set.has(group))));
}
