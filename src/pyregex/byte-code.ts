import { groupsIn, groupWidths, type Width, widthOf } from "./analysis.ts";
import type { Alternation, Assertion, Capture, Conditional, Look, Node, Repeat } from "./ast.ts";
import {
  ANY_BEGINNING,
  type AsciiSet,
  asciiSetOf,
  type Beginning,
  beginningOf,
  beginningsBehind,
  either,
  tableOf,
} from "./byte-sets.ts";
import { isSingleCharacter } from "./simplify.ts";

/** A function's body in ECMAScript, and what it works with. */
export interface ByteCode {
  /** Body of a function of `tables`, `r` (the registers), `limit` and `gaveUp`; it returns the matcher. */
  readonly source: string;
  /** Sets of characters: 1 for members. */
  readonly tables: readonly Uint8Array[];
  /**
   * Number of registers: where the match ends, how many attempts are left, start and end of each wanted group, and what
   * else the code needs.
   */
  readonly registers: number;
}

/** The register with the start of the first wanted group. */
export const FIRST_GROUP = 2;

/** Thrown for what cannot be written as byte code. */
export class NotWritable extends Error {}

/**
 * Writes a tree as ECMAScript that tries the ways of matching in Python's order.
 *
 * What follows a node is written inside of it: whoever reaches the end of the pattern returns `true`, and falling out
 * of a block means that there is no match this way. Groups are kept in variables, which get their former values back
 * when a way turns out to be none; so conditionals can ask at any time what is set.
 *
 * @param wanted numbers of the groups whose spans are to be known, in the order in which they are told
 * @throws {NotWritable}
 */
export function writeByteCode(root: Node, wanted: readonly number[]): ByteCode {
  return new Writer(root, wanted).write(root);
}

/** A place in the text: a variable and what is to be added to it. */
class Place {
  readonly #variable: string;
  readonly #offset: number;

  constructor(variable: string, offset = 0) {
    this.#variable = variable;
    this.#offset = offset;
  }

  plus(count: number): Place {
    return new Place(this.#variable, this.#offset + count);
  }

  toString(): string {
    if (this.#offset === 0) return this.#variable;
    return this.#offset > 0 ? `${this.#variable} + ${this.#offset}` : `${this.#variable} - ${-this.#offset}`;
  }
}

/** Writes what comes behind a place. */
type Rest = (at: Place) => string;

/** One character that is matched in one way, if what is said of its place holds, too. */
interface Step {
  readonly set: AsciiSet;
  test(at: Place): string;
}

/** Shorter code is written several times where it is needed several times. */
const SHORT = 160;

class Writer {
  /** The groups that are kept, the wanted ones and those that conditionals ask for: where start, end, and a start without an end are. */
  readonly #groups = new Map<number, readonly [start: string, end: string, opened: string]>();
  readonly #widths: ReadonlyMap<number, Width>;
  readonly #functions: string[] = [];
  #registers = FIRST_GROUP;
  readonly #tables: Uint8Array[] = [];
  readonly #tableNames = new Map<AsciiSet, string>();
  #names = 0;

  constructor(root: Node, wanted: readonly number[]) {
    const kept = [...new Set([...wanted, ...testedGroups(root)])];
    const spans = kept.map(() => [this.#register(), this.#register()] as const);
    for (const [i, group] of kept.entries()) this.#groups.set(group, [...spans[i]!, this.#register()]);
    this.#widths = groupWidths(root);
  }

  write(root: Node): ByteCode {
    const begin = beginningOf(root, ANY_BEGINNING);
    const start = new Place("i");
    const body = this.#emit(root, start, ANY_BEGINNING, (end) => `r[0] = ${end}; return true;`);
    const reset = [...this.#groups.values()].map(([s, e]) => `${s} = ${e} = -1;`).join(" ");
    const skip =
      begin.any || begin.end ? "" : `if (!(i < end && ${this.#member(begin.set, start)})) continue;`;
    const search = beginsAtStart(root)
      ? `const i = start;\n${body}`
      : `for (let i = start; i <= end; i++) {\n${skip}\n${body}\n}`;
    const tables = this.#tables.map((_, number) => `const t${number} = tables[${number}];`).join("\n");
    return {
      source: `"use strict";
${tables}
let from = 0;
${this.#functions.join("\n")}
return function match(b, start, end) {
from = start; r[1] = limit; ${reset}
${search}
return false;
};`,
      tables: this.#tables,
      registers: this.#registers,
    };
  }

  #emit(node: Node, at: Place, behind: Beginning, rest: Rest): string {
    switch (node.type) {
      case "char":
      case "class":
      case "any":
        return this.#sequence([node], [behind], 0, at, rest);
      case "sequence":
        return this.#sequence(node.items, beginningsBehind(node.items, behind), 0, at, rest);
      case "alternation":
        return this.#alternation(node, at, behind, rest);
      case "capture":
        return this.#capture(node, at, behind, rest);
      case "repeat":
        return this.#repeat(node, at, behind, rest, false);
      case "conditional":
        return this.#conditional(node, at, behind, rest);
      case "assertion":
        return `if (${assertion(node, at, () => this.#table(WORD))}) { ${rest(at)} }`;
      case "look":
        return `if (${this.#look(node, at)}) { ${rest(at)} }`;
      case "atomic":
        if (node.body.type === "repeat" && this.#step(node.body.body))
          return this.#repeat(node.body, at, behind, rest, true);
        throw new NotWritable("atomic group");
      case "backReference":
        throw new NotWritable("back-reference");
    }
  }

  /** @param behind for each item, what the text can go on with behind it */
  #sequence(
    items: readonly Node[],
    behind: readonly Beginning[],
    first: number,
    at: Place,
    rest: Rest,
  ): string {
    if (first === items.length) return rest(at);
    const tests: string[] = [];
    let next = first;
    for (let item = items[next]; item && isSingleCharacter(item); item = items[++next])
      tests.push(this.#member(asciiSetOf(item), at.plus(tests.length)));
    const onward = (place: Place, from: number) => this.#sequence(items, behind, from, place, rest);
    if (tests.length > 0) {
      const end = at.plus(tests.length);
      return `if (${[`${end} <= end`, ...tests].join(" && ")}) { ${onward(end, next)} }`;
    }
    return this.#emit(items[first]!, at, behind[first]!, (place) => onward(place, first + 1));
  }

  #alternation({ branches }: Alternation, at: Place, behind: Beginning, rest: Rest): string {
    const shared = this.#shared(rest);
    return branches.map((branch) => `{ ${this.#emit(branch, at, behind, shared)} }`).join("\n");
  }

  #conditional({ index, yes, no }: Conditional, at: Place, behind: Beginning, rest: Rest): string {
    const shared = this.#shared(rest);
    const [first, second] = [yes, no].map((node) => this.#emit(node, at, behind, shared));
    return `if (${this.#groups.get(index)![0]} >= 0) { ${first} } else { ${second} }`;
  }

  #capture({ index, body }: Capture, at: Place, behind: Beginning, rest: Rest): string {
    if (!this.#groups.has(index)) return this.#emit(body, at, behind, rest);
    const [open, start, end] = [this.#name("v"), this.#name("v"), this.#name("v")];
    const [s, e, o] = this.#groups.get(index)!;
    const inside = this.#emit(
      body,
      at,
      behind,
      (place) => `const ${start} = ${s}, ${end} = ${e}; ${s} = ${o}; ${e} = ${place};
${rest(place)}
${s} = ${start}; ${e} = ${end};`,
    );
    return `{ const ${open} = ${o}; ${o} = ${at}; { ${inside} } ${o} = ${open}; }`;
  }

  #repeat(node: Repeat, at: Place, behind: Beginning, rest: Rest, isAtomic: boolean): string {
    const step = this.#step(node.body);
    if (step) return this.#steps(node, step, at, behind, rest, isAtomic);
    // What an iteration that matches nothing means is Python's own affair.
    if (widthOf(node.body, this.#widths).min === 0) throw new NotWritable("empty iterations");
    return node.min === 0 && node.max === 1
      ? this.#optional(node, at, behind, rest)
      : this.#loop(node, at, behind, rest);
  }

  #optional({ mode, body }: Repeat, at: Place, behind: Beginning, rest: Rest): string {
    const shared = this.#shared(rest);
    const ways = [`{ ${this.#emit(body, at, behind, shared)} }`, `{ ${shared(at)} }`];
    return (mode === "lazy" ? ways.reverse() : ways).join("\n");
  }

  /** A loop over something that is always one character long, and so needs no memory of its iterations. */
  #steps(
    { min, max, mode }: Repeat,
    step: Step,
    at: Place,
    behind: Beginning,
    rest: Rest,
    isAtomic: boolean,
  ): string {
    const name = this.#name("i");
    const place = new Place(name);
    const limit = max === Number.POSITIVE_INFINITY ? "end" : `Math.min(end, ${at.plus(max)})`;
    const taken = min === 0 ? "" : `if (${name} >= ${at.plus(min)})`;
    if (mode === "lazy") {
      const most = this.#name("m");
      const must =
        min === 0
          ? ""
          : `while (${name} < ${at.plus(min)} && ${name} < end && ${step.test(place)}) ${name}++;`;
      return `{ const ${most} = ${limit}; let ${name} = ${at}; ${must}
${taken} for (;;) { ${this.#attempt(place, behind, rest)}
if (${name} >= ${most} || !(${step.test(place)})) break; ${name}++; } }`;
    }
    const run = `const ${name}m = ${limit}; let ${name} = ${at}; while (${name} < ${name}m && ${step.test(place)}) ${name}++;`;
    // Where it goes on with something else, giving back a character is no use.
    const isFinal = isAtomic || min === max || (!behind.any && (behind.set & step.set) === 0n);
    if (isFinal) return `{ ${run} ${taken} { ${rest(place)} } }`;
    return `{ ${run} for (; ${name} >= ${at.plus(min)}; ${name}--) { ${this.#attempt(place, behind, rest)} } }`;
  }

  /** One of many places to go on from: only where the text goes on rightly. */
  #attempt(at: Place, behind: Beginning, rest: Rest): string {
    const code = `${COUNT} ${rest(at)}`;
    if (behind.any) return code;
    const goesOn = `${at} < end && ${this.#member(behind.set, at)}`;
    return `if (${behind.end ? `${at} === end || ${goesOn}` : goesOn}) { ${code} }`;
  }

  #loop({ min, max, mode, body }: Repeat, at: Place, behind: Beginning, rest: Rest): string {
    const [loop, before, held] = [this.#name("f"), this.#name("v"), this.#name("v")];
    const count = this.#register();
    const here = new Place("i");
    const again = beginningOf(body, behind);
    const iteration = this.#emit(
      body,
      here,
      either([again, behind]),
      (place) => `if (${loop}(b, ${place}, end)) return true;`,
    );
    const more = `if (${before} < ${max}) { ${count} = ${before} + 1; { ${iteration} } ${count} = ${before}; }`;
    const leave = `if (${before} >= ${min}) { ${rest(here)} }`;
    const ways = mode === "lazy" ? [leave, more] : [more, leave];
    this.#functions.push(`function ${loop}(b, i, end) { ${COUNT} const ${before} = ${count};
${ways.join("\n")}
return false; }`);
    return `{ const ${held} = ${count}; ${count} = 0; if (${loop}(b, ${at}, end)) return true; ${count} = ${held}; }`;
  }

  /** What a node means that matches one character in one way; `null`: it is none of these. */
  #step(node: Node): Step | null {
    if (isSingleCharacter(node)) {
      const set = asciiSetOf(node);
      return { set, test: (at) => this.#member(set, at) };
    }
    if (node.type !== "sequence") return null;
    const last = node.items.at(-1);
    const conditions = node.items.slice(0, -1);
    if (!last || !isSingleCharacter(last) || !conditions.every((item) => item.type === "look")) return null;
    const set = asciiSetOf(last);
    const test = (at: Place) =>
      [this.#member(set, at), ...conditions.map((look) => this.#look(look, at))].join(" && ");
    return { set, test };
  }

  /** A condition for what stands before or behind a place. */
  #look({ behind, negated, body }: Look, at: Place): string {
    if ([...groupsIn(body)].some((group) => this.#groups.has(group)))
      throw new NotWritable("group in look-around");
    const { min, max } = widthOf(body, this.#widths);
    if (behind && min !== max) throw new NotWritable("look-behind");
    const name = this.#name("f");
    const code = this.#emit(body, new Place("i"), ANY_BEGINNING, () => "return true;");
    this.#functions.push(`function ${name}(b, i, end) { ${code} return false; }`);
    const found = behind
      ? `(${at.plus(-min)} >= from && ${name}(b, ${at.plus(-min)}, end))`
      : `${name}(b, ${at}, end)`;
    return negated ? `!${found}` : found;
  }

  /** The rest for several uses: written once, as a function, unless it is short. */
  #shared(rest: Rest): Rest {
    const variable = this.#name("i");
    const code = rest(new Place(variable));
    if (code.length <= SHORT) return (at) => `{ const ${variable} = ${at}; ${code} }`;
    const name = this.#name("f");
    this.#functions.push(`function ${name}(b, ${variable}, end) { ${COUNT} ${code} return false; }`);
    return (at) => `if (${name}(b, ${at}, end)) return true;`;
  }

  /** Whether the character at a place that is not the end belongs to a set. */
  #member(set: AsciiSet, at: Place): string {
    if (set === ALL) return "true";
    if (set === 0n) return "false";
    const single = onlyCode(set);
    if (single >= 0) return `b[${at}] === ${single}`;
    const other = onlyCode(ALL & ~set);
    if (other >= 0) return `b[${at}] !== ${other}`;
    return `${this.#table(set)}[b[${at}]] === 1`;
  }

  #table(set: AsciiSet): string {
    let name = this.#tableNames.get(set);
    if (name === undefined) {
      name = `t${this.#tables.length}`;
      this.#tables.push(tableOf(set));
      this.#tableNames.set(set, name);
    }
    return name;
  }

  #register(): string {
    return `r[${this.#registers++}]`;
  }

  #name(letter: string): string {
    return `${letter}_${++this.#names}`;
  }
}

const ALL = (1n << 128n) - 1n;
const WORD = asciiSetOf({
  type: "class",
  negated: false,
  ranges: [],
  categories: [{ kind: "word", negated: false, ascii: true }],
  fold: "none",
});
/** Counts one more way that was tried. */
const COUNT = "if (--r[1] < 0) throw gaveUp;";

/** The code of the only member of a set, else -1. */
function onlyCode(set: AsciiSet): number {
  return set > 0n && (set & (set - 1n)) === 0n ? set.toString(2).length - 1 : -1;
}

/** A condition for a place itself. */
function assertion({ kind }: Assertion, at: Place, wordTable: () => string): string {
  switch (kind) {
    case "textStart":
      return `${at} === from`;
    case "textEnd":
      return `${at} === end`;
    case "lineStart":
      return `${at} === from || b[${at.plus(-1)}] === 10`;
    case "lineEnd":
      return `${at} === end || b[${at}] === 10`;
    case "finalEnd":
      return `${at} === end || ${at} === end - 1 && b[${at}] === 10`;
    case "boundary":
    case "notBoundary": {
      const words = wordTable();
      const before = `(${at} > from && ${words}[b[${at.plus(-1)}]] === 1)`;
      const after = `(${at} < end && ${words}[b[${at}]] === 1)`;
      // Python 3.11 never finds `\B` in an empty text.
      return kind === "boundary" ? `${before} !== ${after}` : `end > from && ${before} === ${after}`;
    }
  }
}

function beginsAtStart(node: Node): boolean {
  if (node.type === "assertion") return node.kind === "textStart";
  if (node.type === "sequence") return node.items[0] !== undefined && beginsAtStart(node.items[0]);
  if (node.type === "alternation") return node.branches.every(beginsAtStart);
  return node.type === "capture" && beginsAtStart(node.body);
}

function testedGroups(node: Node): number[] {
  switch (node.type) {
    case "conditional":
      return [node.index, ...testedGroups(node.yes), ...testedGroups(node.no)];
    case "sequence":
      return node.items.flatMap(testedGroups);
    case "alternation":
      return node.branches.flatMap(testedGroups);
    case "capture":
    case "repeat":
    case "atomic":
    case "look":
      return testedGroups(node.body);
    default:
      return [];
  }
}
