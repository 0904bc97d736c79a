import type { Logger } from "../log/logger.ts";
import { PyRegexBudgetError } from "../pyregex/error.ts";
import { reprString } from "../pyvalue/repr.ts";
import type { BlockBytes } from "./block-bytes.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Expression } from "./expression.ts";
import type { LineParts } from "./line-buffer.ts";
import type { DateContext, LineDates } from "./line-dates.ts";
import { type LeaveOut, type Matcher, NO_LINES } from "./matcher.ts";
import { Offenders, SUSPENSION_SECONDS } from "./offenders.ts";
import type { LineOutcome } from "./outcome.ts";
import { TimeGuard } from "./time-guard.ts";

/** Lines to be examined one after the other; a line is named by a number. */
export interface LineSource {
  /** What the lines are parts of, if that is at hand as bytes. */
  readonly block?: BlockBytes;
  /** The next line to look at, -1 at the end. Asked again it gives the same answer until the line is done. */
  next(): number;
  /** Text of a line, without its end. */
  line(at: number): string;
  /** The line with its date; `null` when it is too old to count. */
  date(at: number): DatedLine | null;
  /** Whether a failregex can match in a line; without it, in any. */
  isPromising?(at: number): boolean;
  /**
   * Finds the date of a line in which no failregex can match; `null` when it is too old to count. What is left without
   * it, with a newline, is only given if it is wanted.
   */
  undated?(at: number, isTextWanted: boolean): string | null;
  /** The line has been examined. */
  done(at: number): void;
  /** Whether the line is of pure ASCII; others cannot be scanned. */
  isPlain?(at: number): boolean;
  /** Makes ready for lines to be dated by {@link scanDate}; false: that takes more. */
  beginScan?(): boolean;
  /**
   * The line with its date, as {@link date} gives it, if that certainly takes little time; else `undefined`. Without it,
   * lines cannot be scanned.
   */
  scanDate?(at: number): DatedLine | null | undefined;
  /** Is done with a line of pure ASCII that no expression can match, if its date is that of the line before; else false. */
  pass?(at: number): boolean;
  /** As {@link settle}, if that certainly takes little time; else false, and nothing is changed. */
  settleScan?(): boolean;
  /** Makes up for what was passed over. */
  settle(): void;
  /** Does without making up for what was passed over. */
  giveUpSettling(): void;
}

/** Where and how a filter's lines are examined. */
export interface ExaminerOptions {
  readonly jail: string;
  readonly log: Logger;
  readonly dates: LineDates;
  /** Replaces the date detector after it was cut off at work. */
  readonly renewDetector: () => void;
  /** Time that a call of {@link Examiner.examine} may take before it is looked at closely, in milliseconds. */
  readonly limitMs: number;
}

/**
 * Runs dates and expressions over lines under a time limit. What was found is handed over outside of the
 * limit, so that only work without effects can ever be cut off.
 */
export class Examiner {
  readonly #options: ExaminerOptions;
  readonly #guard = new TimeGuard();
  readonly #offenders = new Offenders<Expression>();
  #memory: readonly LineParts[] = NO_LINES;
  #errors = 0;
  #prefixMatches = 0;
  #isScanEnough = true;

  constructor(options: ExaminerOptions) {
    this.#options = options;
  }

  /** Number of lines that could not be processed because of an error. */
  get errors(): number {
    return this.#errors;
  }

  /** Whether scanning was enough for all lines of the last source that are of pure ASCII. */
  get isScanEnough(): boolean {
    return this.#isScanEnough;
  }

  /** Number of lines that the prefregex matched. */
  get prefixMatches(): number {
    return this.#prefixMatches;
  }

  /** Examines all lines of a source; outcomes come in order, each with the line's number. */
  examine(
    source: LineSource,
    matcher: Matcher,
    context: DateContext,
    onOutcome: (at: number, outcome: LineOutcome) => void,
  ): void {
    const run = new Run(source, matcher, this.#options.dates, context, this.#memory);
    let suspect = this.#offenders.isEmpty ? this.#scanAll(run, onOutcome) : NO_SUSPECT;
    this.#isScanEnough = !run.scanFailed;
    let starvations = 0;
    // It is not to use up the time limit of the first line.
    if (!run.finished) matcher.prepare();
    while (!run.finished) {
      run.leaveOut = this.#leaveOut(run.exempt, context.now);
      const result = this.#guard.run(this.#options.limitMs * 2 ** starvations, () => run.advance());
      run.repair();
      this.#memory = run.memory;
      this.#prefixMatches += run.takePrefixMatches();
      this.#hand(run, source, onOutcome);
      if (run.finished) return;
      // Only a few times: a machine that is busy for long must not shield a hostile line.
      starvations = result === "starved" && starvations < MOST_STARVATIONS ? starvations + 1 : 0;
      if (starvations > 0) continue;
      // A run of many lines may just have been long; a line that is cut off again, on its own, is guilty.
      const isGuilty = result === "done" ? run.isStuck : run.at === suspect && run.at === run.first;
      if (isGuilty) this.#blame(run, source, context.now);
      suspect = result === "done" ? NO_SUSPECT : run.at;
    }
  }

  /** Scans as far as that goes; returns the line whose date took too long, or {@link NO_SUSPECT}. */
  #scanAll(run: Run, onOutcome: (at: number, outcome: LineOutcome) => void): number {
    this.#scan(run, onOutcome);
    if (!run.stopsForDate) return NO_SUSPECT;
    // The first date of its kind has to be searched for, those behind it mostly have not.
    const result = this.#guard.run(this.#options.limitMs, () => run.dateNext());
    run.repair();
    if (run.hasDateOfNext) this.#scan(run, onOutcome);
    return result === "expired" ? run.at : NO_SUSPECT;
  }

  #scan(run: Run, onOutcome: (at: number, outcome: LineOutcome) => void): void {
    run.scan((at, outcome) => {
      this.#logNotes();
      onOutcome(at, outcome);
    });
    this.#prefixMatches += run.takePrefixMatches();
    this.#logNotes();
  }

  #leaveOut(exempt: ReadonlySet<Expression>, now: number): LeaveOut | null {
    if (exempt.size === 0 && this.#offenders.isEmpty) return null;
    return (expression) => exempt.has(expression) || this.#offenders.isSuspended(expression, now);
  }

  #hand(run: Run, source: LineSource, onOutcome: (at: number, outcome: LineOutcome) => void): void {
    this.#logNotes();
    for (const [index, at] of run.places.entries()) {
      const outcome = run.outcomes[index]!;
      if (outcome instanceof Problem) this.#reportProblem(outcome, source.line(at));
      else if (outcome) onOutcome(at, outcome);
    }
    run.forgetOutcomes();
    this.#logNotes();
  }

  #reportProblem({ error }: Problem, line: string): void {
    this.#errors++;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log.error(`Failed to process line: ${reprString(line)}, caught exception: ${reason}`);
  }

  #logNotes(): void {
    if (!this.#options.dates.hasNotes) return;
    for (const { level, text } of this.#options.dates.takeNotes()) this.#options.log.log(level, text);
  }

  #blame(run: Run, source: LineSource, now: number): void {
    const { jail, log, limitMs } = this.#options;
    const expression = run.current;
    if (!expression) {
      log.warning(`[${jail}] Finding the date took too long, treated as undated: ${excerpt(run, source)}`);
      this.#options.renewDetector();
      run.giveUpDate();
      return;
    }
    run.exempt.add(expression);
    log.warning(
      `[${jail}] Matching took more than ${limitMs} ms and was given up, expression: ${expression.written}, line: ${excerpt(run, source)}`,
    );
    if (!this.#offenders.strike(expression, now)) return;
    log.error(
      `[${jail}] Expression took too long again and again and is left out for ${SUSPENSION_SECONDS} seconds: ${expression.written}`,
    );
  }
}

/** What kept a line from being examined. */
class Problem {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * One pass over a source. `advance` may be cut off at any point: a line has been examined when its place has
 * been stored (one step, the last of several), and lines whose places have not been may be examined again.
 */
class Run {
  readonly #source: LineSource;
  readonly #matcher: Matcher;
  readonly #dates: LineDates;
  readonly #context: DateContext;
  readonly #block: BlockBytes | null;
  readonly exempt = new Set<Expression>();
  leaveOut: LeaveOut | null = null;
  memory: readonly LineParts[];
  finished = false;
  /** The line at work. */
  at = -1;
  /** The line that `advance` began with. */
  first = -1;
  /** The last scan stopped at a line because its date takes a search. */
  stopsForDate = false;
  /** A line could not be scanned although it is of pure ASCII. */
  scanFailed = false;
  /** The line at work needs more steps than are allowed. */
  isStuck = false;
  /** The lines of which something is to be said, and what that is. */
  places: number[] = [];
  outcomes: (LineOutcome | Problem | null)[] = [];
  /** The lines remembered after the last of them. */
  #memoryAfter: readonly LineParts[] = NO_LINES;
  /** The line that was dated last, and how often templates had been used before. */
  #dating = NO_LINE;
  #usesBefore = 0;
  #undatable = -1;
  /** A line that has its date already. */
  #dated: DatedLine | null = null;
  #datedAt = NO_LINE;
  #prefixMatches = 0;

  constructor(
    source: LineSource,
    matcher: Matcher,
    dates: LineDates,
    context: DateContext,
    memory: readonly LineParts[],
  ) {
    this.#source = source;
    this.#matcher = matcher;
    this.#dates = dates;
    this.#context = context;
    this.#block = source.block ?? null;
    this.memory = memory;
  }

  /** The expression at work; `null`: the date is being looked for. */
  get current(): Expression | null {
    return this.#matcher.current;
  }

  /** Finds the date of the next line now; may be cut off at any point. */
  dateNext(): void {
    this.#matcher.current = null;
    this.at = this.#source.next();
    try {
      this.#dated = this.#dateOf(this.at);
    } catch {
      // It is told when the line is examined.
      return;
    }
    this.#datedAt = this.at;
    this.#dating = NO_LINE;
  }

  /** Whether the next line has its date already. */
  get hasDateOfNext(): boolean {
    return this.#datedAt === this.#source.next();
  }

  /**
   * Examines lines as long as that certainly takes little time, and so needs no limit. What is found is handed over at
   * once, without being held in memory.
   */
  scan(onOutcome: (at: number, outcome: LineOutcome) => void): void {
    const source = this.#source;
    this.stopsForDate = false;
    if (!this.#block || !this.#matcher.canScan || !source.beginScan?.()) {
      this.scanFailed = true;
      return;
    }
    for (let at = source.next(); at >= 0; at = source.next()) {
      // To be back here behind such a line would take another time limit, and each has its price.
      if (!source.isPlain!(at)) return;
      if (source.pass?.(at)) continue;
      const line = at === this.#datedAt ? this.#dated : source.scanDate!(at);
      if (line === undefined) {
        this.stopsForDate = true;
        return;
      }
      const isPromising = source.isPromising?.(at) ?? true;
      const outcome = line === null ? null : this.#matcher.scan(line, this.#block, isPromising);
      if (outcome === undefined) {
        this.scanFailed = true;
        this.#dated = line;
        this.#datedAt = at;
        return;
      }
      if (line !== null && this.#matcher.prefixMatched) this.#prefixMatches++;
      source.done(at);
      if (outcome !== null) onOutcome(at, outcome);
    }
    this.finished = source.settleScan!();
  }

  advance(): void {
    this.#matcher.current = null;
    this.isStuck = false;
    this.first = this.#source.next();
    for (this.at = this.first; this.at >= 0; this.at = this.#source.next()) {
      if (!this.#examineLine(this.at)) {
        this.isStuck = true;
        return;
      }
      if (this.#matcher.prefixMatched) this.#prefixMatches++;
      this.#source.done(this.at);
      if (this.exempt.size > 0) {
        this.exempt.clear();
        return;
      }
    }
    this.#source.settle();
    this.finished = true;
  }

  /** Declares a line done whose record was stored just before the time was up. */
  repair(): void {
    if (this.finished) return;
    const last = this.places.at(-1);
    if (last !== undefined && last === this.at) {
      this.memory = this.#memoryAfter;
      this.#source.done(last);
      this.exempt.clear();
    }
    // A line that is to be examined again will be dated again, but its date is to count once.
    if (this.#dating !== NO_LINE && this.#dating === this.#source.next())
      this.#dates.detector.takeBackUses(this.#usesBefore);
    this.#dating = NO_LINE;
  }

  forgetOutcomes(): void {
    this.places = [];
    this.outcomes = [];
  }

  takePrefixMatches(): number {
    const count = this.#prefixMatches;
    this.#prefixMatches = 0;
    return count;
  }

  giveUpDate(): void {
    if (this.at < 0) this.finished = true;
    this.#undatable = this.at;
    this.#source.giveUpSettling();
  }

  /** False when the line has to be examined again without the expression at work. */
  #examineLine(at: number): boolean {
    try {
      this.#matcher.prefixMatched = false;
      const hasDate = at === this.#undatable || at === this.#datedAt;
      if (!hasDate && this.#matcher.canGlance && this.#source.isPromising?.(at) === false) {
        this.#glance(at);
        return true;
      }
      const line = this.#dateOf(at);
      if (!line) return true;
      const outcome = this.#matcher.match(
        line,
        this.memory,
        this.leaveOut,
        this.#context.isAscii,
        this.#block,
      );
      const { memory } = this.#matcher;
      if (outcome || this.#matcher.hasMemory) this.#store(at, outcome, memory);
      this.memory = memory;
      return true;
    } catch (error) {
      if (error instanceof PyRegexBudgetError && this.current) return false;
      this.#store(at, new Problem(error), this.memory);
      return true;
    }
  }

  /** Takes a line in which no failregex can match. */
  #glance(at: number): void {
    this.#beginDating(at);
    const text = this.#source.undated!(at, this.#matcher.hasPrefix);
    if (text !== null) this.#matcher.glance(text, this.leaveOut, this.#context.isAscii);
  }

  #dateOf(at: number): DatedLine | null {
    if (at === this.#undatable) return this.#dates.withoutDate(this.#source.line(at), this.#context);
    if (at === this.#datedAt) return this.#dated;
    this.#beginDating(at);
    return this.#source.date(at);
  }

  #beginDating(at: number): void {
    this.#usesBefore = this.#dates.detector.uses;
    this.#dating = at;
  }

  #store(at: number, outcome: LineOutcome | Problem | null, memory: readonly LineParts[]): void {
    this.outcomes[this.places.length] = outcome;
    this.#memoryAfter = memory;
    this.places.push(at);
  }
}

const NO_SUSPECT = -2;
const NO_LINE = -2;
/** How often a run that was cut off gets twice the time because it has had little of it for itself. */
const MOST_STARVATIONS = 2;
const EXCERPT = 200;

function excerpt(run: Run, source: LineSource): string {
  if (run.at < 0) return "(between lines)";
  const line = source.line(run.at);
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}...` : line;
}
