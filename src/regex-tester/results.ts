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

  /** Whether further lines are only counted. */
  get isFull(): boolean {
    return this.#newest <= 1 && this.#kept.length >= this.#most;
  }

  /** Adds a line, which is only made if it is kept. */
  add(line: () => ListedLine): void {
    this.count++;
    if (!this.isFull) this.#put(line());
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

  /** What was added so far, as plain data; {@link append} takes it. */
  get part(): ListPart {
    return { count: this.count, lines: this.lines };
  }

  /** Adds what another list of the same kind took, which has seen later lines; none of these can be taken back. */
  append({ count, lines }: ListPart): void {
    this.count += count;
    for (const line of lines) {
      if (this.#kept.length >= this.#most) return;
      this.#put(line);
    }
  }

  #keep(line: ListedLine): void {
    if (this.#kept.length < this.#most) this.#kept.push(line);
  }
}

/** Lines of a list as plain data. */
export interface ListPart {
  readonly count: number;
  /** The first of them, as many as the list keeps. */
  readonly lines: readonly ListedLine[];
}

/** Everything that a test of some lines found out, as plain data. */
export interface ResultsPart {
  readonly fail: readonly HitsPart[];
  readonly ignore: readonly HitsPart[];
  readonly prefHits: number;
  readonly prefDetails: readonly string[];
  readonly tested: number;
  readonly matched: ListPart;
  readonly ignored: ListPart;
  readonly missed: ListPart;
}

/** Hits of one expression as plain data. */
export interface HitsPart {
  readonly hits: number;
  readonly details: readonly HitDetail[];
}

/** The results as plain data. */
export function partOf(results: TestResults): ResultsPart {
  const { failRegexes, ignoreRegexes, prefHits, prefDetails, tested } = results;
  const hitsOf = ({ hits, details }: ExpressionResult): HitsPart => ({ hits, details });
  return {
    fail: failRegexes.map(hitsOf),
    ignore: ignoreRegexes.map(hitsOf),
    prefHits,
    prefDetails,
    tested,
    matched: results.matched.part,
    ignored: results.ignored.part,
    missed: results.missed.part,
  };
}

/**
 * Adds to results those of the lines that follow.
 *
 * @param mostPrefDetails how many captures of the prefregex are kept
 */
export function addPart(results: TestResults, part: ResultsPart, mostPrefDetails: number): void {
  for (const [i, hits] of part.fail.entries()) addHits(results.failRegexes[i]!, hits);
  for (const [i, hits] of part.ignore.entries()) addHits(results.ignoreRegexes[i]!, hits);
  results.prefHits += part.prefHits;
  results.prefDetails.push(...part.prefDetails.slice(0, mostPrefDetails - results.prefDetails.length));
  results.tested += part.tested;
  results.matched.append(part.matched);
  results.ignored.append(part.ignored);
  results.missed.append(part.missed);
}

function addHits(result: ExpressionResult, { hits, details }: HitsPart): void {
  result.hits += hits;
  for (const detail of details) result.details.push(detail);
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
