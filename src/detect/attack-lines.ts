import { children, mapChildren, type Node } from "../pyregex/ast.ts";

/**
 * Texts built from an expression's own structure that nearly match it, to make it backtrack: in each of them
 * one repeated part is pumped up, and the end does not fit. For tests.
 *
 * @param size about how long the texts are to be
 */
export function attackTexts(root: Node, size: number): string[] {
  return repeatsIn(root).map((pumped) => `${sample(root, pumped, size)}${MISFIT}`);
}

/**
 * As {@link attackTexts}, but of more kinds, for finding what an expression is worst at: each repeated part is pumped
 * with what it repeats, one that takes nearly anything also with what should follow it; what stands before it is
 * repeated, for expressions that may begin anywhere; and each text also ends right behind what was pumped. Texts of
 * different sizes are of the same kinds, in the same order.
 */
export function pumpedTexts(root: Node, size: number): string[] {
  const texts = repeatsIn(root).flatMap((repeat) => {
    if (repeat.type !== "repeat" || repeat.max < MANY) return [];
    const marked = sample(root, repeat, 0, MARK);
    const at = marked.indexOf(MARK);
    if (at < 0) return [];
    const before = marked.slice(0, at);
    const rest = marked.slice(at + MARK.length).replaceAll(MARK, "");
    const units = [sample(repeat.body, null, 0), isWide(repeat.body) ? rest.split(OWN_ADDRESS)[0]! : ""];
    return [
      ...units.map((unit) => before + pump(unit, size, repeat.max)).flatMap((text) => [text + rest, text]),
      pump(before, size, Number.POSITIVE_INFINITY),
    ];
  });
  return texts.map((text) => text + MISFIT);
}

/** Parts that are repeated less often cannot make much of a difference. */
const MANY = 10;

function pump(unit: string, size: number, most: number): string {
  return unit.repeat(Math.min(most, Math.ceil(size / Math.max(1, unit.length))));
}

/** A text that comes close to a match. */
export function sampleText(root: Node): string {
  return sample(root, null, 0);
}

/** A line in which an attacker wrote, at a place that takes any text, what should follow, with an address. */
export interface InjectedText {
  readonly text: string;
  /** The address that the attacker wrote. */
  readonly foreign: string;
}

/**
 * Texts that match an expression with the address 1.1.1.1, in each of which one part that takes arbitrary text
 * holds the rest of the expression with another address.
 */
export function injectedTexts(root: Node): InjectedText[] {
  return openings(root).map(({ before, rest }) => ({
    text: `${before}x${foreignised(rest)}${rest}`,
    foreign: FOREIGN,
  }));
}

/** A line behind whose end an attacker wrote. */
export interface AppendedText extends InjectedText {
  /** The line with other words behind it, which still names {@link own}, if anything may stand there. */
  readonly harmless: string;
  /** The address at its place. */
  readonly own: string;
}

/**
 * Texts that match an expression with the address 1.1.1.1, behind each of which stands what follows a part that takes
 * arbitrary text, with another address.
 */
export function appendedTexts(root: Node): AppendedText[] {
  return openings(root).map(({ before, rest }) => ({
    text: `${before}x${rest} x${foreignised(rest)}`,
    foreign: FOREIGN,
    harmless: `${before}x${rest} x`,
    own: OWN_ADDRESS,
  }));
}

/** A part in front of the address that takes arbitrary text. */
interface Opening {
  readonly before: string;
  /** What follows, with the address. */
  readonly rest: string;
}

function openings(root: Node): Opening[] {
  const optional = new Set(optionalRepeats(root, false));
  return repeatsIn(root)
    .filter((repeat) => repeat.type === "repeat" && isWide(repeat.body))
    .flatMap((repeat) => {
      const marked = sample(root, repeat, 0, MARK);
      const at = marked.indexOf(MARK);
      if (at < 0) return [];
      const before = marked.slice(0, at);
      const rest = marked.slice(at + MARK.length);
      // An optional part before all words of the service is what the system's logger writes, not a stranger.
      if (optional.has(repeat) && !/[A-Za-z]{2}/.test(before)) return [];
      return rest.includes(OWN_ADDRESS) ? [{ before, rest }] : [];
    });
}

function foreignised(text: string): string {
  return text.replace(OWN_ADDRESS, FOREIGN);
}

/**
 * A text that matches an expression with an address, behind words that somebody wrote; `null` when the expression has
 * no address. An expression that is tied to the begin of the line does not match it.
 *
 * @param words what they wrote
 */
export function shiftedText(root: Node, words = "x x "): InjectedText | null {
  const plain = sampleText(root);
  if (!plain.includes(OWN_ADDRESS)) return null;
  return { text: `${words}${foreignised(plain)}`, foreign: FOREIGN };
}

/** An expression with another one in the place of a group: what a whole line looks like whose part the other one sees. */
export function withInside(root: Node, group: number, inside: Node): Node {
  if (root.type === "capture" && root.index === group) return inside;
  return mapChildren(root, (child) => withInside(child, group, inside));
}

const MARK = "\u0002";
const OWN_ADDRESS = "1.1.1.1";
const FOREIGN = "203.0.113.66";

/** Whether one character of nearly any kind fits, blanks included. */
function isWide(node: Node): boolean {
  if (node.type === "any") return true;
  return node.type === "class" && node.negated && !node.categories.some(({ kind }) => kind === "space");
}

/** Ends no expression that means to match a log line. */
const MISFIT = "\u0001\n!";

function repeatsIn(node: Node): Node[] {
  const inner = children(node).flatMap(repeatsIn);
  return node.type === "repeat" && node.max > 1 ? [node, ...inner] : inner;
}

/** Repeated parts inside of parts that may be missing. */
function optionalRepeats(node: Node, isOptional: boolean): Node[] {
  const isOptionalInside = isOptional || (node.type === "repeat" && node.min === 0);
  const inner = children(node).flatMap((child) => optionalRepeats(child, isOptionalInside));
  return isOptional && node.type === "repeat" ? [node, ...inner] : inner;
}

/** @param instead stands for the pumped part, if given */
function sample(node: Node, pumped: Node | null, size: number, instead?: string): string {
  const inside = (inner: Node) => sample(inner, pumped, size, instead);
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
    case "look":
      return contains(node.body, pumped) ? inside(node.body) : "";
    case "repeat": {
      if (node === pumped && instead !== undefined) return instead;
      const once = inside(node.body);
      const isWanted = node === pumped || node.min > 0 || contains(node.body, pumped);
      if (node === pumped) return pump(once, size, node.max);
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
