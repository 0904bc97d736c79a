import { ownLine, ownText } from "../pyvalue/own-text.ts";
import { type BlockBytes, NOWHERE } from "./block-bytes.ts";
import type { LineParts } from "./line-buffer.ts";

/** When a line was written, as far as is known. Neighbours share it. */
export interface KnownDate {
  /** Seconds since 1970 UTC; `null` when nothing is known. */
  readonly time: number | null;
  /** The date, or what stands for it. */
  readonly text: string;
  /** Whether `time` is an integer for the reference (explicit zone). */
  readonly isInteger: boolean;
}

/** A line with its date cut out. */
export class DatedLine {
  /** What the line is a part of. */
  #text: string;
  #start: number;
  #end: number;
  /** Where something is cut out of it, and where it goes on. */
  #cut: number;
  #resume: number;
  #known: KnownDate;
  /** The line has no usable date of its own: a match in it deserves a warning. */
  readonly undated: boolean;
  #isDetached = false;

  /**
   * @param text what the line is a part of, from `start` to `end`
   * @param cut where the date begins; to `resume` it is not looked at
   */
  constructor(
    text: string,
    start: number,
    end: number,
    cut: number,
    resume: number,
    known: KnownDate,
    undated: boolean,
  ) {
    this.#text = text;
    this.#start = start;
    this.#end = end;
    this.#cut = cut;
    this.#resume = resume;
    this.#known = known;
    this.undated = undated;
  }

  /** A line made of its parts. */
  static of(
    [before, date, after]: LineParts,
    time: number | null,
    isInteger: boolean,
    undated: boolean,
  ): DatedLine {
    const cut = before.length;
    const text = cut === 0 ? after : before + after;
    return new DatedLine(text, 0, text.length, cut, cut, { time, text: date, isInteger }, undated);
  }

  /** Seconds since 1970 UTC; `null` when nothing is known. */
  get time(): number | null {
    return this.#known.time;
  }

  /** Whether `time` is an integer for the reference (explicit zone). */
  get isInteger(): boolean {
    return this.#known.isInteger;
  }

  /**
   * Makes a line a part of a longer text, if nothing was done to it but cutting.
   *
   * @param line the line as it was taken out of the text
   * @param start where it begins there
   */
  putBack(line: string, text: string, start: number): void {
    if (this.#text !== line) return;
    this.#text = text;
    this.#start += start;
    this.#end += start;
    this.#cut += start;
    this.#resume += start;
  }

  /** The line with another time, which is not an integer. */
  at(time: number): DatedLine {
    return DatedLine.of(this.parts, time, false, this.undated);
  }

  get parts(): LineParts {
    return [this.#before, this.date, this.#text.slice(this.#resume, this.#end)];
  }

  /** Where {@link searched} stands in the bytes of a block; {@link NOWHERE}: the line is no part of it, or too long. */
  placeIn(block: BlockBytes): number {
    if (this.#text !== block.text) return NOWHERE;
    return block.layOut(this.#start, this.#cut, this.#resume, this.#end);
  }

  /** Length of {@link searched}. */
  get searchedLength(): number {
    return this.#end - this.#start - (this.#resume - this.#cut) + 1;
  }

  /** Lets go of what the line was cut out of, so that it can be kept. */
  detach(): void {
    if (this.#isDetached) return;
    const text = ownLine(this.#before + this.#text.slice(this.#resume, this.#end));
    const cut = this.#cut - this.#start;
    this.#text = text;
    this.#start = 0;
    this.#end = text.length - 1;
    this.#cut = cut;
    this.#resume = cut;
    if (this.undated) this.#known = { ...this.#known, text: ownText(this.#known.text) };
    this.#isDetached = true;
  }

  /** The line without its date, with a newline: what expressions see. The line holds on to nothing else then. */
  get searched(): string {
    this.detach();
    return this.#text;
  }

  get date(): string {
    return this.#known.text;
  }

  /** The whole line. */
  get text(): string {
    const [before, date, after] = this.parts;
    return before + date + after;
  }

  get #before(): string {
    return this.#cut === this.#start ? "" : this.#text.slice(this.#start, this.#cut);
  }
}
