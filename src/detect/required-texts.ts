import type { Node } from "../pyregex/ast.ts";

/** One of these texts stands in every text that the expression matches. */
export type Requirement = readonly string[];

/**
 * What every text must contain to be matched by an expression: all of the requirements, each at a place of its
 * own, in this order and without overlap. An empty list says nothing.
 *
 * @example requiredTexts(parse("^(?:Failed|Invalid) user \\S+ from ").root) // [["Failed user ", "Invalid user "], [" from "]]
 */
export function requiredTexts(root: Node): readonly Requirement[] {
  const { exact, required } = walk(root);
  return exact === null ? required : asRequirement(exact);
}

/**
 * Texts of which every text that the expression matches begins with one; `null` when the expression matches
 * elsewhere, too, or when there are none, or too many.
 *
 * @example beginnings(parse("^Failed \\S+ for").root) // ["Failed "]
 */
export function beginnings(root: Node): readonly string[] | null {
  const items = root.type === "sequence" ? root.items : [root];
  const [anchor, ...rest] = items;
  if (anchor?.type !== "assertion" || anchor.kind !== "textStart") return null;
  let texts: readonly string[] = [""];
  for (const item of rest) {
    const { exact } = walk(item);
    if (exact === null || texts.length * exact.length > MOST_TEXTS) break;
    texts = texts.flatMap((head) => exact.map((tail) => head + tail));
  }
  return texts.includes("") ? null : texts;
}

interface Needs {
  /** All texts that the node matches; `null` when they are too many to list. */
  readonly exact: readonly string[] | null;
  /** Used when `exact` is `null`. */
  readonly required: readonly Requirement[];
}

/** Most texts that are followed at a time. */
const MOST_TEXTS = 16;

const UNKNOWN: Needs = { exact: null, required: [] };
const ZERO_WIDTH: Needs = { exact: [""], required: [] };

function walk(node: Node): Needs {
  switch (node.type) {
    case "char":
      return node.fold === "none" || !isCased(node.codePoint)
        ? exactly([String.fromCodePoint(node.codePoint)])
        : UNKNOWN;
    case "class":
      return classTexts(node);
    case "assertion":
    case "look":
      return ZERO_WIDTH;
    case "sequence":
      return sequence(node.items.map(walk));
    case "alternation":
      return alternatives(node.branches.map(walk));
    case "conditional":
      return alternatives([walk(node.yes), walk(node.no)]);
    case "capture":
    case "atomic":
      return walk(node.body);
    case "repeat":
      return repeated(walk(node.body), node.min, node.max);
    default:
      return UNKNOWN;
  }
}

function exactly(texts: readonly string[]): Needs {
  return texts.length <= MOST_TEXTS ? { exact: [...new Set(texts)], required: [] } : UNKNOWN;
}

function classTexts(node: Extract<Node, { type: "class" }>): Needs {
  if (node.negated || node.categories.length > 0 || node.fold !== "none") return UNKNOWN;
  const texts: string[] = [];
  for (const [from, to] of node.ranges) {
    if (to - from >= MOST_TEXTS) return UNKNOWN;
    for (let code = from; code <= to; code++) texts.push(String.fromCodePoint(code));
  }
  return texts.length === 0 ? UNKNOWN : exactly(texts);
}

function sequence(items: readonly Needs[]): Needs {
  const required: Requirement[] = [];
  let run: readonly string[] = [""];
  let whole = true;
  const breakRun = () => {
    required.push(...asRequirement(run));
    run = [""];
    whole = false;
  };
  for (const item of items) {
    if (item.exact === null) {
      breakRun();
      required.push(...item.required);
    } else {
      if (run.length * item.exact.length > MOST_TEXTS) breakRun();
      run = run.flatMap((head) => item.exact!.map((tail) => head + tail));
    }
  }
  if (whole) return exactly(run);
  breakRun();
  return { exact: null, required };
}

function alternatives(branches: readonly Needs[]): Needs {
  if (branches.every((b) => b.exact !== null)) {
    const texts = branches.flatMap((b) => b.exact!);
    if (texts.length <= MOST_TEXTS) return exactly(texts);
  }
  const union: string[] = [];
  for (const branch of branches) {
    const best = bestOf(branch.exact ? asRequirement(branch.exact) : branch.required);
    if (!best) return UNKNOWN;
    union.push(...best);
  }
  return { exact: null, required: [[...new Set(union)]] };
}

function repeated(body: Needs, min: number, max: number): Needs {
  if (min === 0) return max === 1 && body.exact ? exactly(["", ...body.exact]) : UNKNOWN;
  if (min === 1 && max === 1) return body;
  return { exact: null, required: body.exact ? asRequirement(body.exact) : body.required };
}

function asRequirement(texts: readonly string[]): readonly Requirement[] {
  return texts.includes("") ? [] : [texts];
}

/** The requirement that is least likely to be met by accident. */
function bestOf(requirements: readonly Requirement[]): Requirement | undefined {
  return requirements.toSorted((a, b) => selectivity(b) - selectivity(a))[0];
}

/** Length of the shortest text, less a little for each further text that would do as well. */
export function selectivity(requirement: Requirement): number {
  return Math.min(...requirement.map((text) => text.length)) - (requirement.length - 1) / 4;
}

function isCased(codePoint: number): boolean {
  const char = String.fromCodePoint(codePoint);
  return codePoint >= 128 || char.toLowerCase() !== char.toUpperCase();
}
