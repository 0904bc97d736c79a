/** One hit of a failregex, for the detailed report. */
export interface HitDetail {
  /** Identifier, or `None`. */
  readonly id: string;
  /** Seconds since 1970 UTC. */
  readonly time: number;
  /** The line has been matched by several expressions before. */
  readonly isRepeated: boolean;
}

/** An expression and how often it matched. */
export class ExpressionResult {
  /** The expression as it was written, with its tags. */
  readonly written: string;
  hits = 0;
  readonly details: HitDetail[] = [];

  constructor(written: string) {
    this.written = written;
  }
}

/** A line as it is listed at the end. */
export interface ListedLine {
  /** The line as it was. */
  readonly text: string;
  /** The line as the expressions saw it. */
  readonly searched: string;
}

/**
 * Lines of one kind. All are counted, but only as many are kept as will be printed; and the newest, since a
 * match over several lines can take them back.
 */
export class LineList {
  readonly #most: number;
  readonly #newest: number;
  #kept: ListedLine[] = [];
  #recent: ListedLine[] = [];
  count = 0;

  /**
   * @param most number of lines to keep
   * @param newest number of lines that can be taken back
   */
  constructor(most: number, newest: number) {
    this.#most = most;
    this.#newest = newest;
  }

  /** Adds a line; `searched` is the line as the expressions saw it. */
  add(text: string, searched: string): void {
    this.count++;
    if (this.#newest <= 1 && this.#kept.length >= this.#most) return;
    this.#put({ text, searched });
  }

  /** Adds a line that was taken back from another list. */
  addAgain(line: ListedLine): void {
    this.count++;
    this.#put(line);
  }

  #put(line: ListedLine): void {
    this.#recent.push(line);
    while (this.#recent.length > this.#newest) this.#keep(this.#recent.shift()!);
  }

  /** Takes back the first of the newest lines with this text; `null` when there is none. */
  takeBack(text: string): ListedLine | null {
    const at = this.#recent.findIndex((line) => line.text === text);
    if (at < 0) return null;
    this.count--;
    return this.#recent.splice(at, 1)[0]!;
  }

  /** The lines that were kept, oldest first. */
  get lines(): readonly ListedLine[] {
    return [...this.#kept, ...this.#recent];
  }

  #keep(line: ListedLine): void {
    if (this.#kept.length < this.#most) this.#kept.push(line);
  }
}

/** Everything that a test run found out. */
export interface TestResults {
  readonly failRegexes: readonly ExpressionResult[];
  readonly ignoreRegexes: readonly ExpressionResult[];
  /** Lines that the prefregex matched. */
  prefHits: number;
  /** What the prefregex captured in the first of them, in Python's notation. */
  readonly prefDetails: string[];
  tested: number;
  readonly matched: LineList;
  readonly ignored: LineList;
  readonly missed: LineList;
}
