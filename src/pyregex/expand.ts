import { groupsIn, groupWidths, sizeOf, type Width, widthOf } from "./analysis.ts";
import { type Alternation, EMPTY, mapChildren, type Node, type Repeat, some } from "./ast.ts";
import { CertainGroups } from "./certainty.ts";
import { isSingleCharacter, simplify } from "./simplify.ts";

/** Expansion copies what stands between a group and its test; a tree may grow to this many nodes. */
const MAX_SIZE = 4000;

/** Deciding one group can make another one's tests uncertain again; a bound on the rounds. */
const MAX_ROUNDS = 50;

/**
 * The same tree without conditionals, or `null` when there is no such tree.
 *
 * What stands between an optional group and the conditional that tests it is copied into two alternatives, one
 * where the group is set and one where it is not, in the order in which Python would try them:
 * `(x)?y(?(1)a|b)` becomes `(x)ya|yb`. Back-references to groups that may be unset are conditionals too.
 */
export function expandConditionals(root: Node): Node | null {
  let tree = simplify(new CertainGroups(root).rewrite(root));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const group = firstTested(tree);
    if (group === null) return tree;
    try {
      tree = new Expander(tree, group).expand();
    } catch (error) {
      if (error instanceof Inexpressible) return null;
      throw error;
    }
    tree = simplify(new CertainGroups(tree).rewrite(tree));
    if (testsGroup(tree, group) || sizeOf(tree) > MAX_SIZE) return null;
  }
  return null;
}

class Inexpressible extends Error {}

function firstTested(root: Node): number | null {
  let found: number | null = null;
  some(root, (node) => {
    if (node.type !== "conditional") return false;
    found = node.index;
    return true;
  });
  return found;
}

function testsGroup(node: Node, group: number): boolean {
  return some(node, (inner) => inner.type === "conditional" && inner.index === group);
}

/** A part of an ordered alternation, with or without the group. */
interface Part {
  readonly node: Node;
  readonly set: boolean;
}

/** Decides all tests of one group. */
class Expander {
  readonly #root: Node;
  readonly #group: number;
  readonly #certain: CertainGroups;
  readonly #widths: ReadonlyMap<number, Width>;

  constructor(root: Node, group: number) {
    this.#root = root;
    this.#group = group;
    this.#certain = new CertainGroups(root);
    this.#widths = groupWidths(root);
  }

  expand(): Node {
    return this.#expand(this.#root);
  }

  /** `node` with its own tests decided; the group is not set before it. */
  #expand(node: Node): Node {
    if (!this.#hasTest(node)) return node;
    if (!this.#hasGroup(node)) return this.#decide(node, false);
    if (node.type === "capture" && node.index === this.#group) return this.#decide(node, false);
    // The group may still be set from an earlier iteration.
    if (node.type === "repeat" && node.max > 1) throw new Inexpressible();
    if (node.type === "conditional" && node.index === this.#group) return this.#expand(node.no);
    if (node.type !== "sequence") return mapChildren(node, (child) => this.#expand(child));

    const at = node.items.findIndex((item) => this.#hasGroup(item));
    const before = node.items.slice(0, at).map((item) => this.#decide(item, false));
    const behind = node.items.slice(at + 1);
    const last = behind.findLastIndex((item) => this.#hasTest(item));
    const item = node.items[at]!;
    if (last < 0) return sequence([...before, this.#expand(item), ...behind]);
    const joined = this.#push(item, sequence(behind.slice(0, last + 1)));
    return sequence([...before, joined, ...behind.slice(last + 1)]);
  }

  /** `node` followed by `rest`, with all tests in both decided. */
  #push(node: Node, rest: Node): Node {
    if (!this.#hasGroup(node)) return sequence([this.#decide(node, false), this.#decide(rest, false)]);
    if (this.#isCertain(node)) return sequence([this.#expand(node), this.#decide(rest, true)]);
    switch (node.type) {
      case "sequence": {
        const at = node.items.findIndex((item) => this.#hasGroup(item));
        const before = node.items.slice(0, at).map((item) => this.#decide(item, false));
        const pushed = this.#push(node.items[at]!, sequence([...node.items.slice(at + 1), rest]));
        return sequence([...before, pushed]);
      }
      case "alternation":
        return alternation(node.branches.map((branch) => this.#push(branch, rest)));
      case "repeat":
        return this.#pushRepeat(node, rest);
      case "capture": {
        const parts = this.#split(node);
        return alternation(parts.map((part) => sequence([part.node, this.#decide(rest, part.set)])));
      }
      default:
        throw new Inexpressible();
    }
  }

  #pushRepeat(node: Repeat, rest: Node): Node {
    if (node.min > 0) throw new Inexpressible();
    const without = this.#decide(rest, false);
    const withGroup =
      node.max === 1
        ? this.#push(node.body, rest)
        : sequence([this.#atLeastOnce(node), this.#decide(rest, true)]);
    return alternation(node.mode === "lazy" ? [without, withGroup] : [withGroup, without]);
  }

  /** A loop that sets the group in every iteration, with one iteration or more. */
  #atLeastOnce(node: Repeat): Node {
    const isEmptyPossible = widthOf(node.body, this.#widths).min === 0;
    if (isEmptyPossible || !this.#isCertain(node.body) || this.#hasTest(node)) throw new Inexpressible();
    return { ...node, min: 1 };
  }

  /** Ordered alternatives that together are `node`, each either setting the group or not. */
  #split(node: Node): Part[] {
    if (!this.#hasGroup(node)) return [{ node: this.#decide(node, false), set: false }];
    if (this.#isCertain(node)) return [{ node: this.#expand(node), set: true }];
    switch (node.type) {
      case "capture":
        return this.#split(node.body).map((part) => ({ ...part, node: { ...node, body: part.node } }));
      case "alternation":
        return node.branches.flatMap((branch) => this.#split(branch));
      case "repeat": {
        if (node.min > 0 || node.max > 1) throw new Inexpressible();
        const parts = this.#split(node.body);
        const none: Part = { node: EMPTY, set: false };
        return node.mode === "lazy" ? [none, ...parts] : [...parts, none];
      }
      case "sequence": {
        const at = node.items.findIndex((item) => this.#hasGroup(item));
        const before = node.items.slice(0, at).map((item) => this.#decide(item, false));
        const behind = node.items.slice(at + 1);
        // Otherwise the alternatives would be tried in another order than the ways of `before`.
        if (!before.every(hasOneWay)) throw new Inexpressible();
        return this.#split(node.items[at]!).map((part) => ({
          set: part.set,
          node: sequence([...before, part.node, ...behind.map((item) => this.#decide(item, part.set))]),
        }));
      }
      default:
        throw new Inexpressible();
    }
  }

  /** `node` with the group's tests replaced by what they give. */
  #decide(node: Node, set: boolean): Node {
    if (!this.#hasTest(node)) return node;
    if (node.type === "conditional" && node.index === this.#group) {
      return this.#decide(set ? node.yes : node.no, set);
    }
    return mapChildren(node, (child) => this.#decide(child, set));
  }

  #hasTest(node: Node): boolean {
    return testsGroup(node, this.#group);
  }

  #hasGroup(node: Node): boolean {
    return groupsIn(node).has(this.#group);
  }

  #isCertain(node: Node): boolean {
    return this.#certain.after(node).has(this.#group);
  }
}

/** True when there is at most one way to match at a given place. */
function hasOneWay(node: Node): boolean {
  switch (node.type) {
    case "sequence":
      return node.items.every(hasOneWay);
    case "capture":
      return hasOneWay(node.body);
    case "repeat":
      return node.min === node.max && hasOneWay(node.body);
    case "assertion":
    case "atomic":
    case "look":
    case "backReference":
      return true;
    default:
      return isSingleCharacter(node);
  }
}

function sequence(items: readonly Node[]): Node {
  return items.length === 1 ? items[0]! : { type: "sequence", items };
}

function alternation(branches: readonly Node[]): Alternation {
  return { type: "alternation", branches };
}
