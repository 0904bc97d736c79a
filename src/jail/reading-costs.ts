import type { TimedLine } from "../detect/filter.ts";
import { ownText } from "../pyvalue/own-text.ts";

/** Lines that are kept to try expressions on, and characters of each. */
const SAMPLE_LINES = 128;
const SAMPLE_LENGTH = 1000;

/**
 * What reading a jail's lines costs. It is always kept, so it does no more than a few additions for a block of lines,
 * and remembers one line of it.
 */
export class ReadingCosts {
  #seconds = 0;
  #blocks = 0;
  #characters = 0;
  #found: number[] = [];
  readonly #sample: string[] = [];

  /** Time for examining lines and counting what they report, in seconds. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Number of blocks of lines. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Number of characters in them. */
  get characters(): number {
    return this.#characters;
  }

  /** Failures that each failregex has found, by its index; what never found any may be missing. */
  get found(): readonly number[] {
    return this.#found;
  }

  /** One line of each of the last blocks. */
  get sample(): readonly string[] {
    return this.#sample;
  }

  /** Notes that a block of whole lines took this many milliseconds. */
  add(block: string, milliseconds: number): void {
    this.#note(block.length, milliseconds, lineNear(block, (this.#blocks * STRIDE) % block.length));
  }

  /** Notes that lines which came one by one took this many milliseconds. */
  addLines(lines: readonly TimedLine[], milliseconds: number): void {
    if (lines.length === 0) return;
    const characters = lines.reduce((sum, { line }) => sum + textOf(line).length, 0);
    this.#note(characters, milliseconds, textOf(lines[this.#blocks % lines.length]!.line));
  }

  #note(characters: number, milliseconds: number, line: string): void {
    this.#seconds += milliseconds / 1000;
    this.#characters += characters;
    this.#sample[this.#blocks++ % SAMPLE_LINES] = ownText(line.slice(0, SAMPLE_LENGTH));
  }

  /** Notes that a failregex has found a failure. */
  hit(regex: number): void {
    this.#found[regex] = (this.#found[regex] ?? 0) + 1;
  }

  /** Begins to count anew, for instance because the expressions are others now. */
  reset(): void {
    this.#seconds = 0;
    this.#blocks = 0;
    this.#characters = 0;
    this.#found = [];
    this.#sample.length = 0;
  }
}

/** A prime number: blocks of any length are looked into at ever other places. */
const STRIDE = 7919;

function lineNear(block: string, at: number): string {
  const begin = block.lastIndexOf("\n", at - 1) + 1;
  const end = block.indexOf("\n", begin);
  return block.slice(begin, end < 0 ? block.length : end);
}

function textOf(line: TimedLine["line"]): string {
  return typeof line === "string" ? line : line.join("");
}
