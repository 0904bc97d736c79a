import { groupWidths, type Width, widthOf } from "./analysis.ts";
import type { Assertion, Fold, Look, Node, Repeat } from "./ast.ts";
import { charSetOf, membership } from "./charset.ts";
import { isSingleCharacter } from "./simplify.ts";

/** Tells whether a code point belongs to a set. */
export type Membership = (codePoint: number) => boolean;

/** One step of the backtracking machine. Targets are indices of instructions. */
export type Instruction =
  | { readonly op: "set"; readonly has: Membership }
  /** As many characters of a set as possible, given back one by one. */
  | { readonly op: "run"; readonly has: Membership; readonly min: number; readonly max: number }
  | { readonly op: "assert"; readonly kind: Assertion["kind"]; readonly ascii: boolean }
  /** Goes on at the next instruction, later at `other`. */
  | { readonly op: "split"; other: number }
  | { readonly op: "jump"; target: number }
  | { readonly op: "open"; readonly group: number }
  | { readonly op: "close"; readonly group: number }
  /** `counter` is a register, the one after it holds the place where the last iteration began. */
  | { readonly op: "loopStart"; readonly counter: number }
  | (LoopLimits & { readonly op: "loop"; readonly lazy: boolean; readonly body: number })
  | (LoopLimits & { readonly op: "loopMore"; readonly body: number })
  /** Remembers the height of the stack of choices, and the place, in two registers. */
  | { readonly op: "mark"; readonly register: number }
  /** Forgets the choices since the mark; goes back to its place when `rewind`. */
  | { readonly op: "cut"; readonly register: number; readonly rewind: boolean }
  /** Fails for everything tried since the mark. */
  | { readonly op: "cutAndFail"; readonly register: number }
  | { readonly op: "stepBack"; readonly count: number }
  | { readonly op: "backReference"; readonly group: number; readonly fold: Fold }
  /** Goes on at the next instruction when the group is set, else at `other`. */
  | { readonly op: "ifGroup"; readonly group: number; other: number }
  | { readonly op: "fail" }
  | { readonly op: "accept" };

interface LoopLimits {
  readonly counter: number;
  readonly min: number;
  readonly max: number;
}

/** A pattern made ready for the machine. */
export interface Program {
  readonly code: readonly Instruction[];
  /** Registers: three for each group (opened, start, end), then those of loops and marks. */
  readonly registers: number;
  readonly groupCount: number;
  /** A match can only begin at the start of the text. */
  readonly anchored: boolean;
}

/** Registers that belong to one group: where it was opened, start and end of its value. */
export const REGISTERS_PER_GROUP = 3;

/** Translates a tree into a program; conditionals may be in it. */
export function assemble(root: Node, groupCount: number): Program {
  const assembler = new Assembler(root, groupCount);
  return {
    code: assembler.code,
    registers: assembler.registers,
    groupCount,
    anchored: beginsAtTextStart(root),
  };
}

function beginsAtTextStart(node: Node): boolean {
  if (node.type === "assertion") return node.kind === "textStart";
  if (node.type === "sequence") return node.items[0] !== undefined && beginsAtTextStart(node.items[0]);
  if (node.type === "alternation") return node.branches.every(beginsAtTextStart);
  return node.type === "capture" && beginsAtTextStart(node.body);
}

class Assembler {
  readonly code: Instruction[] = [];
  registers: number;
  readonly #widths: ReadonlyMap<number, Width>;

  constructor(root: Node, groupCount: number) {
    this.registers = groupCount * REGISTERS_PER_GROUP;
    this.#widths = groupWidths(root);
    this.#emit(root);
    this.code.push({ op: "accept" });
  }

  #emit(node: Node): void {
    const { code } = this;
    switch (node.type) {
      case "char":
      case "class":
      case "any":
        code.push({ op: "set", has: membership(charSetOf(node)) });
        return;
      case "assertion":
        code.push({ op: "assert", kind: node.kind, ascii: node.ascii });
        return;
      case "sequence":
        for (const item of node.items) this.#emit(item);
        return;
      case "alternation":
        this.#alternation(node.branches);
        return;
      case "capture":
        code.push({ op: "open", group: node.index });
        this.#emit(node.body);
        code.push({ op: "close", group: node.index });
        return;
      case "repeat":
        this.#repeat(node);
        return;
      case "atomic": {
        const register = this.#allocate();
        code.push({ op: "mark", register });
        this.#emit(node.body);
        code.push({ op: "cut", register, rewind: false });
        return;
      }
      case "look":
        this.#look(node);
        return;
      case "backReference":
        code.push({ op: "backReference", group: node.index, fold: node.fold });
        return;
      case "conditional":
        this.#conditional(node.index, node.yes, node.no);
        return;
    }
  }

  #alternation(branches: readonly Node[]): void {
    const ends: { target: number }[] = [];
    for (const [i, branch] of branches.entries()) {
      if (i === branches.length - 1) {
        this.#emit(branch);
        break;
      }
      const split: Instruction & { op: "split" } = { op: "split", other: 0 };
      this.code.push(split);
      this.#emit(branch);
      ends.push(this.#jump());
      split.other = this.code.length;
    }
    for (const end of ends) end.target = this.code.length;
  }

  #repeat({ min, max, mode, body }: Repeat): void {
    const { code } = this;
    const lazy = mode === "lazy";
    if (!lazy && isSingleCharacter(body)) {
      code.push({ op: "run", has: membership(charSetOf(body)), min, max });
      return;
    }
    const counter = this.#allocate();
    code.push({ op: "loopStart", counter });
    const enter = this.#jump();
    const start = code.length;
    this.#emit(body);
    enter.target = code.length;
    code.push({ op: "loop", counter, min, max, lazy, body: start });
    // A lazy loop leaves by jumping over the instruction that its choice comes back to.
    if (lazy) code.push({ op: "loopMore", counter, min, max, body: start });
  }

  #look({ behind, negated, body }: Look): void {
    const { code } = this;
    const register = this.#allocate();
    code.push({ op: "mark", register });
    const split: Instruction & { op: "split" } = { op: "split", other: 0 };
    if (negated) code.push(split);
    if (behind) code.push({ op: "stepBack", count: widthOf(body, this.#widths).max });
    this.#emit(body);
    code.push(negated ? { op: "cutAndFail", register } : { op: "cut", register, rewind: true });
    split.other = code.length;
  }

  #conditional(group: number, yes: Node, no: Node): void {
    const test: Instruction & { op: "ifGroup" } = { op: "ifGroup", group, other: 0 };
    this.code.push(test);
    this.#emit(yes);
    const end = this.#jump();
    test.other = this.code.length;
    this.#emit(no);
    end.target = this.code.length;
  }

  #jump(): { target: number } {
    const jump: Instruction & { op: "jump" } = { op: "jump", target: 0 };
    this.code.push(jump);
    return jump;
  }

  #allocate(): number {
    const register = this.registers;
    this.registers += 2;
    return register;
  }
}
