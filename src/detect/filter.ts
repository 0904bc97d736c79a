import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import { DateDetector } from "../time/date-detector.ts";
import { parseLogTimeZone } from "../time/zone.ts";
import { bytesOf } from "./block-bytes.ts";
import { BlockLines } from "./block-lines.ts";
import { cutOf } from "./date-cut.ts";
import { EveryLine, type LeftOut } from "./every-line.ts";
import { Examiner, type LineSource } from "./examiner.ts";
import { type Expression, requireIdentifier } from "./expression.ts";
import { type ExpressionCost, expressionCosts } from "./expression-costs.ts";
import type { Failure } from "./failure.ts";
import { Finding } from "./finding.ts";
import type { Hit } from "./hit.ts";
import type { LineParts } from "./line-buffer.ts";
import { type DateContext, type DateMemory, LineDates } from "./line-dates.ts";
import { countLines } from "./line-end.ts";
import { LineReport } from "./line-report.ts";
import { ListedLines } from "./listed-lines.ts";
import { Matcher } from "./matcher.ts";
import type { LineOutcome } from "./outcome.ts";
import { PrefilterChoice } from "./prefilter-choice.ts";
import { RegexError } from "./regex-error.ts";
import { Sessions } from "./sessions.ts";
import { sharedExpression } from "./shared-expressions.ts";
import type { UseDns } from "./tags.ts";

export type { Finding } from "./finding.ts";
export type { LineReport } from "./line-report.ts";
export type { UseDns } from "./tags.ts";

/** What a filter needs, and how it differs from one that watches a jail's logs. */
export interface FilterOptions {
  /** Name of the jail, for messages. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.filter`. */
  readonly log: Logger;
  /** Time that one expression may take for one line, in milliseconds; default 250. */
  readonly matchTimeLimitMs?: number;
  /** False: lines count whatever their time (as in the tester). Default true. */
  readonly checkTimes?: boolean;
  /** True: every failregex is tried on every line, and everything it finds is reported. Default false. */
  readonly everyRegex?: boolean;
  /** True: what the prefregex captures is reported. Default false. */
  readonly reportPrefix?: boolean;
}

/** How lines come in. */
export interface LineContext {
  /** The lines are being written now; else they are read to catch up. */
  readonly inOperation: boolean;
  /** Time of the line in seconds since 1970 UTC, where it is known from elsewhere (journal). */
  readonly time?: number;
  /** The lines are known to be pure ASCII, which saves looking for other characters. */
  readonly ascii?: boolean;
}

/** How several lines come in. */
export interface LinesContext extends LineContext {
  /** Times of the lines, where they are known from elsewhere. */
  readonly times?: readonly (number | null)[];
}

/** A line that may come with its time. */
export interface TimedLine {
  readonly line: string | LineParts;
  /** Seconds since 1970 UTC, where it is known from elsewhere; `null`: the line's own date counts. */
  readonly time: number | null;
}

/** What follows from the settings of a filter. */
interface Ready {
  readonly matcher: Matcher;
  /** For lines in which failures are to be found, and for those of which all is to be said. */
  readonly prefilters: PrefilterChoice;
  readonly fullPrefilters: PrefilterChoice;
}

/** Time that one expression may take for one line unless set otherwise, in milliseconds. */
export const MATCH_LIMIT_MS = 250;

/** Finds failures in log lines. All methods are synchronous and do no input or output. */
export class Filter {
  readonly #options: FilterOptions;
  readonly #sessions = new Sessions();
  readonly #dates: LineDates;
  readonly #examiner: Examiner;
  #useDns: UseDns = "warn";
  #findTime = 600;
  #maxLines = 1;
  #prefRegex: Expression | null = null;
  #failRegexes: Expression[] = [];
  #ignoreRegexes: Expression[] = [];
  #datePattern: string | null = null;
  #logTimeZone: string | null = null;
  /** What follows from all these; `null`: not made since the last change. */
  #ready: Ready | null = null;

  constructor(options: FilterOptions) {
    const { jail, log } = options;
    this.#options = options;
    this.#dates = new LineDates(jail, this.#newDetector());
    this.#examiner = new Examiner({
      jail,
      log,
      dates: this.#dates,
      renewDetector: () => this.#renewDetector(),
      limitMs: options.matchTimeLimitMs ?? MATCH_LIMIT_MS,
    });
  }

  /** How host names are treated; a change reaches `<HOST>` only in expressions added later. */
  get useDns(): UseDns {
    return this.#useDns;
  }

  set useDns(mode: UseDns) {
    this.#useDns = mode;
  }

  /** Seconds; lines older than this are ignored when catching up. */
  get findTime(): number {
    return this.#findTime;
  }

  set findTime(seconds: number) {
    this.#findTime = seconds;
  }

  /** Number of lines that the expressions see at a time. */
  get maxLines(): number {
    return this.#maxLines;
  }

  /** @throws {RangeError} when the number is below 1 */
  set maxLines(count: number) {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError("maxlines must be integer greater than zero");
    this.#maxLines = count;
    this.#ready = null;
  }

  /** The prefregex with its tags replaced; empty: none. */
  get prefRegex(): string {
    return this.#prefRegex?.text ?? "";
  }

  /** @throws {RegexError} when it is not valid; the former one stays */
  set prefRegex(pattern: string) {
    this.#prefRegex = pattern === "" ? null : this.#compile(pattern, false);
    this.#ready = null;
  }

  /** The failregexes with their tags replaced. */
  failRegex(): string[] {
    return this.#failRegexes.map((expression) => expression.text);
  }

  /** @throws {RegexError} when the expression is not valid or says nothing of whom a failure is about */
  addFailRegex(pattern: string): void {
    const expression = this.#compile(pattern, this.#maxLines > 1);
    this.#failing(() => requireIdentifier(expression, this.#prefRegex));
    this.#failRegexes.push(expression);
    this.#ready = null;
  }

  /** @param index from the start, or negative from the end; one out of range is only logged */
  removeFailRegex(index: number): void {
    this.#remove(this.#failRegexes, index);
  }

  /** The ignoreregexes with their tags replaced. */
  ignoreRegex(): string[] {
    return this.#ignoreRegexes.map((expression) => expression.text);
  }

  /** @throws {RegexError} when the expression is not valid */
  addIgnoreRegex(pattern: string): void {
    this.#ignoreRegexes.push(this.#compile(pattern, false));
    this.#ready = null;
  }

  /** @param index from the start, or negative from the end; one out of range is only logged */
  removeIgnoreRegex(index: number): void {
    this.#remove(this.#ignoreRegexes, index);
  }

  /** Forgets prefregex, failregexes and ignoreregexes, as at the beginning of a reload. Sessions stay. */
  clearRegexes(): void {
    this.#prefRegex = null;
    this.#failRegexes = [];
    this.#ignoreRegexes = [];
    this.#ready = null;
  }

  /** The date patterns as set, one a line; `null`: the default templates. */
  get datePattern(): string | null {
    return this.#datePattern;
  }

  /** @throws when the pattern is not valid; the former one stays */
  set datePattern(pattern: string | null) {
    const former = this.#datePattern;
    this.#datePattern = pattern === "" ? null : pattern;
    try {
      this.#renewDetector();
    } catch (error) {
      this.#datePattern = former;
      throw error;
    }
    this.#ready = null;
  }

  /** Time zone of dates that name none; `null`: the system's. */
  get logTimeZone(): string | null {
    return this.#logTimeZone;
  }

  /** @throws when the zone is not known; the former one stays */
  set logTimeZone(zone: string | null) {
    const former = this.#logTimeZone;
    this.#logTimeZone = zone === "" ? null : zone;
    try {
      this.#renewDetector();
    } catch (error) {
      this.#logTimeZone = former;
      throw error;
    }
  }

  /** The date detector in use, for its list of templates and hits. */
  get dateDetector(): DateDetector {
    return this.#dates.detector;
  }

  /** What is remembered of the dates of earlier lines. */
  get dateMemory(): DateMemory {
    return this.#dates.memory;
  }

  set dateMemory(memory: DateMemory) {
    this.#dates.memory = memory;
  }

  /** Number of lines, since the filter was made, that could not be processed because of an error. */
  get lineErrors(): number {
    return this.#examiner.errors;
  }

  /** Number of lines, since the filter was made, that the prefregex matched. */
  get prefixMatches(): number {
    return this.#examiner.prefixMatches;
  }

  /** Time of a line in seconds since 1970 UTC, for seeking in a file; `null` when it has none. */
  timeOf(line: string): number | null {
    return this.#dates.detector.timeOf(line)?.epoch ?? null;
  }

  /** Works out now what the first line takes. */
  prepare(): void {
    this.#prepare().matcher.prepareUsual();
  }

  /** What each part of the filter costs for lines such as these, measured now. */
  costs(sample: readonly string[]): ExpressionCost[] {
    return expressionCosts(
      {
        prefilter: this.#prepare().prefilters.current,
        detector: this.#newDetector(),
        prefRegex: this.#prefRegex,
        failRegexes: this.#failRegexes,
        ignoreRegexes: this.#ignoreRegexes,
      },
      sample,
    );
  }

  /** Examines one line, without its end. Returns its failures in order. */
  processLine(line: string | LineParts, context: LineContext): Failure[] {
    const failures: Failure[] = [];
    this.examineLines([line], context, (_, { findings }) => {
      for (const finding of findings) if (finding.isFailure()) failures.push(finding);
    });
    return failures;
  }

  /** Examines lines, without their ends, each of which may have a time of its own. */
  processLines(
    lines: readonly TimedLine[],
    context: { readonly inOperation: boolean },
    onFailure: (failure: Failure) => void,
  ): void {
    const dates = this.#dateContext(context);
    const texts = lines.map(({ line }) => line);
    this.#findFailures(new ListedLines(texts, (at) => lines[at]!.time, this.#dates, dates), dates, onFailure);
  }

  /**
   * Examines a block of whole lines, each with its newline; carriage returns before it do not count. The
   * result is that of {@link processLine} for each line, but lines that cannot matter are passed over.
   */
  processBlock(
    block: string,
    context: LineContext,
    onFailure: (failure: Failure) => void,
  ): { lines: number } {
    const prefilter = this.#prepare().prefilters.for(block);
    const dates = this.#dateContext(context);
    const lines = new BlockLines(bytesOf(block, dates.isAscii), prefilter, this.#dates, dates);
    this.#findFailures(lines, dates, onFailure);
    return { lines: countLines(block) };
  }

  /**
   * Examines lines, without their ends, and reports everything that is known about each. Lines of no interest
   * are not reported.
   */
  examineLines(
    lines: readonly (string | LineParts)[],
    context: LinesContext,
    onReport: (index: number, report: LineReport) => void,
  ): void {
    const dates = this.#dateContext(context);
    const timeOf = (at: number) => context.times?.[at] ?? context.time ?? null;
    this.#reportAll(new ListedLines(lines, timeOf, this.#dates, dates), dates, onReport);
  }

  /**
   * Examines a block of whole lines, each with its newline, and reports everything that is known about those of
   * interest. No line is passed over, so dates and matches of the prefregex are counted for all.
   *
   * @param leftOut whether the line from `start` to `end` of the block does not count
   * @param onReport gets the place where the line begins
   * @returns number of lines that count
   */
  examineBlock(
    block: string,
    context: LineContext,
    leftOut: LeftOut,
    onReport: (start: number, report: LineReport) => void,
  ): number {
    const { prefilters, fullPrefilters } = this.#prepare();
    const dates = this.#dateContext(context);
    const full = fullPrefilters.for(block);
    // Where each line is scanned for the prefregex, the first character behind that tells as much as a prefilter.
    const isScanned = this.#prefRegex !== null && this.#examiner.isScanEnough;
    const prefilter = full ?? (isScanned ? null : prefilters.for(block));
    const bytes = bytesOf(block, dates.isAscii);
    const lines = new EveryLine(bytes, { prefilter, isFull: full !== null, leftOut }, this.#dates, dates);
    this.#reportAll(lines, dates, onReport);
    return lines.count;
  }

  #findFailures(lines: LineSource, dates: DateContext, onFailure: (failure: Failure) => void): void {
    this.#examine(lines, dates, (_, outcome) => {
      for (const finding of this.#findAll(outcome, dates.now)) if (finding.isFailure()) onFailure(finding);
    });
  }

  #reportAll(
    lines: LineSource,
    dates: DateContext,
    onReport: (at: number, report: LineReport) => void,
  ): void {
    this.#examine(lines, dates, (at, outcome) => {
      onReport(at, new LineReport(outcome, this.#findAll(outcome, dates.now)));
    });
  }

  #examine(
    lines: LineSource,
    dates: DateContext,
    onOutcome: (at: number, outcome: LineOutcome) => void,
  ): void {
    this.#examiner.examine(lines, this.#prepare().matcher, dates, (at, outcome) => {
      if (outcome.matched && outcome.line.undated) this.#dates.warnUndated(outcome.line, dates.now);
      onOutcome(at, outcome);
    });
    this.#sessions.detach();
  }

  #findAll(outcome: LineOutcome, now: number): readonly Finding[] {
    const { onlyHit } = outcome;
    return onlyHit === null ? outcome.hits.map((hit) => this.#find(hit, now)) : [this.#find(onlyHit, now)];
  }

  #find(hit: Hit, now: number): Finding {
    const { session: id, regex, line } = hit;
    if (id === null) return new Finding(regex, "failure", line, hit, this.#useDns);
    const session = this.#sessions.follow(id, hit, now);
    return new Finding(regex, session.verdict, line, session, this.#useDns);
  }

  /** Whether lines that are no failures are reported, too. */
  get #reports(): boolean {
    return this.#options.everyRegex ?? false;
  }

  get #checksTimes(): boolean {
    return this.#options.checkTimes ?? true;
  }

  #dateContext({ inOperation, ascii }: LineContext): DateContext {
    const findTime = this.#checksTimes ? this.#findTime : null;
    return { now: this.#options.clock.now(), inOperation, findTime, isAscii: ascii ?? false };
  }

  #prepare(): Ready {
    if (this.#ready) return this.#ready;
    const matcher = new Matcher({
      prefRegex: this.#prefRegex,
      failRegexes: this.#failRegexes,
      ignoreRegexes: this.#ignoreRegexes,
      maxLines: this.#maxLines,
      everyRegex: this.#reports,
      timeRequired: this.#checksTimes,
      wantPrefGroups: this.#options.reportPrefix ?? false,
    });
    // Lines may be passed over only if each is looked at for itself.
    const grounds =
      this.#maxLines > 1
        ? null
        : { prefRegex: this.#prefRegex, failRegexes: this.#failRegexes, cut: cutOf(this.#datePattern) };
    this.#ready = {
      matcher,
      prefilters: PrefilterChoice.forFailures(grounds),
      fullPrefilters: PrefilterChoice.forMatches(grounds),
    };
    return this.#ready;
  }

  #compile(pattern: string, multiline: boolean): Expression {
    return this.#failing(() => sharedExpression(pattern, { useDns: this.#useDns, multiline }));
  }

  /** Errors of expressions are logged besides being thrown. */
  #failing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof RegexError) this.#options.log.error(error.message);
      throw error;
    }
  }

  #remove(list: Expression[], index: number): void {
    const at = index < 0 ? list.length + index : index;
    if (at >= 0 && at < list.length) list.splice(at, 1);
    else this.#options.log.error(`Cannot remove regular expression. Index ${index} is not valid`);
    this.#ready = null;
  }

  #newDetector(): DateDetector {
    const detector = new DateDetector({ clock: this.#options.clock });
    if (this.#datePattern !== null) detector.setPattern(this.#datePattern);
    if (this.#logTimeZone !== null) detector.defaultZone = parseLogTimeZone(this.#logTimeZone);
    return detector;
  }

  #renewDetector(): void {
    this.#dates.detector = this.#newDetector();
  }
}
