import type { Assertion, Fold } from "./ast.ts";
import { lowerUnder, membership } from "./charset.ts";
import { PyRegexBudgetError } from "./error.ts";
import { type Instruction, type Membership, type Program, REGISTERS_PER_GROUP } from "./program.ts";

/** Where a match may begin and must end. */
export type MatchKind = "search" | "match" | "fullmatch";

/** Start and end of the match and of each group, flat; -1 for groups that took no part. */
export type Spans = readonly number[];

const CHOICE = 0;
const UNDO = 1;
const RUN = 2;
/** Numbers that one entry of the stack takes. */
const ENTRY = 4;

/**
 * A backtracking matcher with exactly Python's rules: what it does with captures in loops, empty iterations,
 * unset groups and conditionals. Slow beside the engine's RegExp, hence only for what that cannot do.
 */
export class Machine {
  readonly #program: Program;
  readonly #pattern: string;
  readonly #stepLimit: number;
  #steps = 0;

  constructor(program: Program, pattern: string, stepLimit: number) {
    this.#program = program;
    this.#pattern = pattern;
    this.#stepLimit = stepLimit;
  }

  /** Steps that the last run took to its end. */
  get steps(): number {
    return this.#steps;
  }

  /** @throws PyRegexBudgetError when it takes more steps than the limit */
  run(text: string, start: number, kind: MatchKind): Spans | null {
    const { anchored } = this.#program;
    const attempt = new Attempt(this.#program, text, kind === "fullmatch", this.#pattern, this.#stepLimit);
    const last = kind === "search" && !anchored ? text.length : start;
    let spans: Spans | null = null;
    for (let at = start; at <= last && spans === null; at += characterLength(text, at)) {
      if (anchored && at > 0) break;
      spans = attempt.at(at);
    }
    this.#steps = attempt.steps;
    return spans;
  }
}

class Attempt {
  readonly #code: readonly Instruction[];
  readonly #groupCount: number;
  readonly #text: string;
  readonly #toEnd: boolean;
  readonly #pattern: string;
  readonly #stepLimit: number;
  readonly #registers: Int32Array;
  /** Choices and changes of registers to be undone, {@link ENTRY} numbers each. */
  #stack: number[] = [];
  #pc = 0;
  #position = 0;
  #steps = 0;

  constructor(program: Program, text: string, toEnd: boolean, pattern: string, stepLimit: number) {
    this.#code = program.code;
    this.#groupCount = program.groupCount;
    this.#text = text;
    this.#toEnd = toEnd;
    this.#pattern = pattern;
    this.#stepLimit = stepLimit;
    this.#registers = new Int32Array(program.registers);
  }

  get steps(): number {
    return this.#steps;
  }

  at(start: number): Spans | null {
    this.#registers.fill(-1);
    this.#stack.length = 0;
    this.#pc = 0;
    this.#position = start;
    for (;;) {
      if (++this.#steps > this.#stepLimit) throw new PyRegexBudgetError(this.#pattern, this.#stepLimit);
      const instruction = this.#code[this.#pc++]!;
      if (instruction.op === "accept" && !(this.#toEnd && this.#position !== this.#text.length)) {
        return this.#spans(start);
      }
      if (!this.#step(instruction) && !this.#backtrack()) return null;
    }
  }

  #spans(start: number): Spans {
    const spans = [start, this.#position];
    for (let group = 0; group < this.#groupCount; group++) {
      const base = group * REGISTERS_PER_GROUP;
      spans.push(this.#registers[base + 1]!, this.#registers[base + 2]!);
    }
    return spans;
  }

  /** Does one instruction; `false` when it fails. */
  #step(instruction: Instruction): boolean {
    switch (instruction.op) {
      case "set":
        return this.#take(instruction.has);
      case "run":
        return this.#run(instruction.has, instruction.min, instruction.max);
      case "assert":
        return holds(instruction.kind, instruction.ascii, this.#text, this.#position);
      case "split":
        this.#push(CHOICE, instruction.other, this.#position, 0);
        return true;
      case "jump":
        this.#pc = instruction.target;
        return true;
      case "open":
        this.#assign((instruction.group - 1) * REGISTERS_PER_GROUP, this.#position);
        return true;
      case "close": {
        const base = (instruction.group - 1) * REGISTERS_PER_GROUP;
        this.#assign(base + 1, this.#registers[base]!);
        this.#assign(base + 2, this.#position);
        return true;
      }
      case "loopStart":
        this.#assign(instruction.counter, 0);
        this.#assign(instruction.counter + 1, -1);
        return true;
      case "loop":
        return this.#loop(instruction);
      case "loopMore":
        return this.#again(instruction.counter, instruction.max, instruction.body);
      case "mark":
        this.#assign(instruction.register, this.#stack.length);
        this.#assign(instruction.register + 1, this.#position);
        return true;
      case "cut":
        this.#cut(this.#registers[instruction.register]!);
        if (instruction.rewind) this.#position = this.#registers[instruction.register + 1]!;
        return true;
      case "cutAndFail": {
        const height = this.#registers[instruction.register]!;
        while (this.#stack.length > height) this.#pop();
        return false;
      }
      case "stepBack":
        return this.#stepBack(instruction.count);
      case "backReference":
        return this.#backReference(instruction.group, instruction.fold);
      case "ifGroup":
        if (this.#registers[(instruction.group - 1) * REGISTERS_PER_GROUP + 2]! < 0)
          this.#pc = instruction.other;
        return true;
      default:
        return false;
    }
  }

  #take(has: Membership): boolean {
    const codePoint = this.#text.codePointAt(this.#position);
    if (codePoint === undefined || !has(codePoint)) return false;
    this.#position += codePoint > 0xffff ? 2 : 1;
    return true;
  }

  #run(has: Membership, min: number, max: number): boolean {
    let low = this.#position;
    for (let count = 0; count < max; count++) {
      if (!this.#take(has)) {
        if (count < min) return false;
        break;
      }
      this.#steps++;
      if (count + 1 === min) low = this.#position;
    }
    if (this.#position > low) this.#push(RUN, this.#pc, this.#position, low);
    return true;
  }

  #loop(loop: Instruction & { op: "loop" }): boolean {
    const count = this.#registers[loop.counter]!;
    if (count < loop.min) {
      this.#assign(loop.counter, count + 1);
      this.#pc = loop.body;
      return true;
    }
    if (loop.lazy) {
      this.#push(CHOICE, this.#pc, this.#position, 0);
      this.#pc += 1;
      return true;
    }
    const exit = this.#pc;
    const choice = this.#stack.length;
    this.#push(CHOICE, exit, this.#position, 0);
    if (this.#again(loop.counter, loop.max, loop.body)) return true;
    this.#stack.length = choice;
    return true;
  }

  /** Begins one more iteration, unless the last one was empty or all are done. */
  #again(counter: number, max: number, body: number): boolean {
    const count = this.#registers[counter]!;
    if (count >= max || this.#registers[counter + 1] === this.#position) return false;
    this.#assign(counter, count + 1);
    this.#assign(counter + 1, this.#position);
    this.#pc = body;
    return true;
  }

  #stepBack(count: number): boolean {
    let position = this.#position;
    for (let i = 0; i < count; i++) {
      if (position === 0) return false;
      position = before(this.#text, position);
    }
    this.#position = position;
    return true;
  }

  #backReference(group: number, fold: Fold): boolean {
    const base = (group - 1) * REGISTERS_PER_GROUP;
    const start = this.#registers[base + 1]!;
    const end = this.#registers[base + 2]!;
    if (end < 0) return false;
    for (let at = start; at < end; at += characterLength(this.#text, at)) {
      const wanted = lowerUnder(fold, this.#text.codePointAt(at)!);
      if (!this.#take((codePoint) => lowerUnder(fold, codePoint) === wanted)) return false;
      this.#steps++;
    }
    return true;
  }

  #assign(register: number, value: number): void {
    this.#push(UNDO, register, this.#registers[register]!, 0);
    this.#registers[register] = value;
  }

  #push(kind: number, a: number, b: number, c: number): void {
    this.#stack.push(kind, a, b, c);
  }

  /** Takes the newest entry off, undoing it if it is a change. */
  #pop(): void {
    const base = this.#stack.length - ENTRY;
    if (this.#stack[base] === UNDO) this.#registers[this.#stack[base + 1]!] = this.#stack[base + 2]!;
    this.#stack.length = base;
  }

  /** Drops the choices above `height` and keeps the changes, which an earlier choice may have to undo. */
  #cut(height: number): void {
    const stack = this.#stack;
    let write = height;
    for (let read = height; read < stack.length; read += ENTRY) {
      if (stack[read] !== UNDO) continue;
      for (let i = 0; i < ENTRY; i++) stack[write + i] = stack[read + i]!;
      write += ENTRY;
    }
    stack.length = write;
  }

  #backtrack(): boolean {
    const stack = this.#stack;
    while (stack.length > 0) {
      const base = stack.length - ENTRY;
      const kind = stack[base];
      if (kind === UNDO) {
        this.#pop();
        continue;
      }
      this.#pc = stack[base + 1]!;
      this.#position = stack[base + 2]!;
      if (kind === CHOICE) {
        stack.length = base;
        return true;
      }
      this.#position = before(this.#text, this.#position);
      stack[base + 2] = this.#position;
      if (this.#position <= stack[base + 3]!) stack.length = base;
      return true;
    }
    return false;
  }
}

const isWord = membership({
  negated: false,
  ranges: [],
  categories: [{ kind: "word", negated: false, ascii: false }],
});
const isAsciiWord = membership({
  negated: false,
  ranges: [],
  categories: [{ kind: "word", negated: false, ascii: true }],
});

const NEWLINE = 0x0a;

function holds(kind: Assertion["kind"], ascii: boolean, text: string, at: number): boolean {
  switch (kind) {
    case "textStart":
      return at === 0;
    case "lineStart":
      return at === 0 || text.charCodeAt(at - 1) === NEWLINE;
    case "textEnd":
      return at === text.length;
    case "lineEnd":
      return at === text.length || text.charCodeAt(at) === NEWLINE;
    case "finalEnd":
      return at === text.length || (at === text.length - 1 && text.charCodeAt(at) === NEWLINE);
    case "boundary":
      return text.length > 0 && isBoundary(ascii, text, at);
    case "notBoundary":
      // Python up to 3.13: no place at all in an empty text.
      return text.length > 0 && !isBoundary(ascii, text, at);
  }
}

function isBoundary(ascii: boolean, text: string, at: number): boolean {
  const has = ascii ? isAsciiWord : isWord;
  const left = at > 0 && has(text.codePointAt(before(text, at))!);
  const right = at < text.length && has(text.codePointAt(at)!);
  return left !== right;
}

/** Place of the character before `at`. */
function before(text: string, at: number): number {
  const isPair =
    at >= 2 && (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 2) & 0xfc00) === 0xd800;
  return at - (isPair ? 2 : 1);
}

/** Units of the character at `at`; 1 at the end. */
function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
