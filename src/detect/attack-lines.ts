import { children, type Node } from "../pyregex/ast.ts";

/**
 * Texts built from an expression's own structure that nearly match it, to make it backtrack: in each of them
 * one repeated part is pumped up, and the end does not fit. For tests.
 *
 * @param size about how long the texts are to be
 */
export function attackTexts(root: Node, size: number): string[] {
  return repeatsIn(root).map((pumped) => `${sample(root, pumped, size)}${MISFIT}`);
}

/** A text that comes close to a match. */
export function sampleText(root: Node): string {
  return sample(root, null, 0);
}

/** Ends no expression that means to match a log line. */
const MISFIT = "\u0001\n!";

function repeatsIn(node: Node): Node[] {
  const inner = children(node).flatMap(repeatsIn);
  return node.type === "repeat" && node.max > 1 ? [node, ...inner] : inner;
}

function sample(node: Node, pumped: Node | null, size: number): string {
  const inside = (inner: Node) => sample(inner, pumped, size);
  switch (node.type) {
    case "char":
      return String.fromCodePoint(node.codePoint);
    case "class":
      return memberOf(node);
    case "any":
      return "x";
    case "sequence":
      return node.items.map(inside).join("");
    case "alternation":
      return inside(node.branches.find((branch) => contains(branch, pumped)) ?? node.branches[0]!);
    case "conditional":
      return inside(contains(node.no, pumped) ? node.no : node.yes);
    case "capture":
    case "atomic":
      return inside(node.body);
    case "repeat": {
      const once = inside(node.body);
      const isWanted = node === pumped || node.min > 0 || contains(node.body, pumped);
      if (node === pumped) return once.repeat(Math.min(node.max, Math.ceil(size / Math.max(1, once.length))));
      return isWanted ? once.repeat(Math.max(1, node.min)) : "";
    }
    default:
      return "";
  }
}

function contains(node: Node, wanted: Node | null): boolean {
  return node === wanted || children(node).some((child) => contains(child, wanted));
}

const USUAL = ["a", "1", " ", ".", "-", ":", "/", "x", '"', "[", "]", "(", "\t"];

function memberOf(node: Extract<Node, { type: "class" }>): string {
  return USUAL.find((char) => isMember(node, char.charCodeAt(0))) ?? "é";
}

function isMember(node: Extract<Node, { type: "class" }>, code: number): boolean {
  const char = String.fromCharCode(code);
  const tests = { word: /\w/, digit: /\d/, space: /\s/ };
  const inside =
    node.ranges.some(([from, to]) => from <= code && code <= to) ||
    node.categories.some(({ kind, negated }) => tests[kind].test(char) !== negated);
  return inside !== node.negated;
}
