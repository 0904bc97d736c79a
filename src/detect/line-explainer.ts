import { searchProgress } from "../pyregex/progress.ts";
import type { FoundDate } from "../time/date-detector.ts";
import { type Attempt, attemptOf, inTime } from "./attempt.ts";
import type { Expression } from "./expression.ts";
import { type FailureData, lineText, matchesOf } from "./failure.ts";
import type { Filter, LineReport } from "./filter.ts";
import { type LineParts, searchedText, splitBuffer } from "./line-buffer.ts";
import type { SessionVerdict } from "./sessions.ts";
import { sharedExpression } from "./shared-expressions.ts";
import { TimeGuard } from "./time-guard.ts";

/** Everything that happens to one log line, step by step, as plain data. */
export interface LineExplanation {
  readonly line: string;
  readonly date: DateExplanation;
  /** What the prefregex (or else the failregexes) see, without the newline at the end. */
  readonly text: string;
  /** `null`: the filter has none. */
  readonly prefregex: Attempt | null;
  /** What the prefregex leaves to the failregexes; `null`: nothing, or there is no prefregex. */
  readonly content: string | null;
  /** Empty when the prefregex does not match. */
  readonly failregex: readonly Attempt[];
  readonly ignoreregex: readonly Attempt[];
  readonly verdict: Verdict;
}

/** How the time of a line was found. */
export interface DateExplanation {
  /** Name of the template that found it; `null`: none did. */
  readonly template: string | null;
  /** The template's pattern; `null` for the built-in forms of numbers. */
  readonly pattern: string | null;
  /** The date in the line, and where it stands. */
  readonly found: { readonly text: string; readonly start: number; readonly end: number } | null;
  /** Seconds since 1970 UTC; `null`: not known. */
  readonly time: number | null;
  /** Why there is no time of the line's own; `null`: there is. */
  readonly problem: string | null;
  /** How far patterns that were set, and did not match, came in the line. */
  readonly stopped: readonly { readonly template: string; readonly textAt: number }[];
}

/** What becomes of a line. */
export interface Verdict {
  readonly result:
    | SessionVerdict
    /** An ignoreregex matched. */
    | "ignored"
    /** No failregex matched. */
    | "missed"
    /** A failregex matched, but says nothing of whom the failure is about. */
    | "nobody";
  /** Number of the failregex or ignoreregex that decided, from 1; `null`: none did. */
  readonly by: number | null;
  /** The identifier, or the host name whose addresses are to be looked up. */
  readonly id: string | null;
  readonly isHostName: boolean;
  /** Seconds since 1970 UTC. */
  readonly time: number | null;
  /** Everything that is known of the failure, by name. */
  readonly fields: FailureData;
}

/** What lines are explained by. */
export interface LineExplainerOptions {
  /**
   * The filter, set up; it stops at the first failregex that matches, as in a jail. Lines that are explained
   * change what it remembers (sessions, earlier lines), as lines of a log do.
   */
  readonly filter: Filter;
  /** The expressions as they were written. */
  readonly prefRegex: string;
  readonly failRegexes: readonly string[];
  readonly ignoreRegexes: readonly string[];
  /** Milliseconds that one expression may take for a line. */
  readonly limitMs: number;
}

/** Templates that are told how far they came; of the many default ones nobody wants to know. */
const FEW_TEMPLATES = 2;

/** Explains lines one after the other: what their filter makes of them, and how it comes to that. */
export class LineExplainer {
  readonly #o: LineExplainerOptions;
  readonly #guard = new TimeGuard();
  readonly #prefRegex: Expression | null;
  readonly #failRegexes: readonly Expression[];
  readonly #ignoreRegexes: readonly Expression[];
  /** The lines before, where expressions see several. */
  #memory: readonly LineParts[] = [];

  constructor(options: LineExplainerOptions) {
    this.#o = options;
    const { useDns } = options.filter;
    const compiled = (written: string, multiline: boolean) =>
      sharedExpression(written, { useDns, multiline });
    const multiline = options.filter.maxLines > 1;
    this.#prefRegex = options.prefRegex === "" ? null : compiled(options.prefRegex, false);
    this.#failRegexes = options.failRegexes.map((regex) => compiled(regex, multiline));
    this.#ignoreRegexes = options.ignoreRegexes.map((regex) => compiled(regex, false));
  }

  /**
   * Explains the next line.
   *
   * @param line without its end; in parts when its date is known to be the middle one
   * @param time seconds since 1970 UTC, where it is known from elsewhere; `null`: the line's own date counts
   */
  explain(line: string | LineParts, time: number | null = null): LineExplanation {
    let report: LineReport | null = null;
    const times = [time];
    this.#o.filter.examineLines([line], { inOperation: false, times }, (_, found) => {
      report = found;
    });
    const { date, parts } = time === null ? this.#date(lineText(line)) : knownDate(line, time);
    return { line: lineText(line), date, ...this.#expressions(parts, report) };
  }

  #expressions(parts: LineParts, report: LineReport | null): Omit<LineExplanation, "line" | "date"> {
    const { maxLines } = this.#o.filter;
    let lines: readonly LineParts[] = maxLines > 1 ? [...this.#memory, parts].slice(-maxLines) : [parts];
    const text = searchedText(lines);
    const pref = this.#prefRegex && this.#attempt(1, this.#prefRegex, text, false);
    const content = pref?.found ? contentOf(pref.attempt) : null;
    if (content !== null && maxLines > 1) lines = [["", "", content]];
    const seen = content === null ? text : `${content}\n`;
    const isStopped = pref !== null && !pref.found;
    const made = isStopped
      ? []
      : this.#failRegexes.map((regex, i) => this.#attempt(i + 1, regex, seen, maxLines > 1));
    const first = made.findIndex(({ found }) => found !== null);
    // An ignoreregex sees the lines that matched, or the line as it was before.
    let ignorable = seen;
    if (maxLines > 1 && first >= 0) {
      const { found } = made[first]!;
      const skipped = this.#failRegexes[first]!.skippedLines(found!);
      const { matched, unmatched } = splitBuffer(lines, found!.start, found!.end, skipped);
      ignorable = searchedText(matched);
      lines = unmatched;
    }
    this.#memory = lines;
    return {
      text: withoutNewline(text),
      prefregex: pref?.attempt ?? null,
      content,
      failregex: made.map(({ attempt }) => attempt),
      ignoreregex: this.#ignoreRegexes.map((regex, i) => {
        // Few ignoreregexes are asked first of all, about the line as it is.
        const isWhole = pref !== null && report?.ignored.some((ignored) => ignored.regex === i);
        const { attempt } = this.#attempt(i + 1, regex, ignorable, false);
        return isWhole && !attempt.match ? this.#attempt(i + 1, regex, text, false).attempt : attempt;
      }),
      verdict: verdictOf(report),
    };
  }

  #attempt(number: number, expression: Expression, text: string, multiline: boolean) {
    const { filter, limitMs } = this.#o;
    const options = { useDns: filter.useDns, multiline, guard: this.#guard, limitMs };
    return attemptOf(number, expression, text, options);
  }

  #date(line: string): { readonly date: DateExplanation; readonly parts: LineParts } {
    const { filter, limitMs } = this.#o;
    let found: FoundDate | null = null;
    const isInTime = inTime(this.#guard, limitMs, () => {
      found = filter.dateDetector.find(line);
    });
    // A detector that was cut off at work is not to be used again; setting the pattern makes a new one.
    const { datePattern } = filter;
    if (!isInTime) filter.datePattern = datePattern;
    const date = found as FoundDate | null;
    if (date) return { date: foundDate(date), parts: [date.before, date.date, date.after] };
    const problem = isInTime ? "no date was found" : "finding the date took too long";
    const stopped = isInTime ? this.#stoppedTemplates(line) : [];
    return { date: { ...NO_DATE, problem, stopped }, parts: ["", "", line] };
  }

  #stoppedTemplates(line: string): DateExplanation["stopped"] {
    const { filter, limitMs } = this.#o;
    const { templates } = filter.dateDetector;
    if (templates.length > FEW_TEMPLATES) return [];
    return templates.flatMap(({ name, regex }) => {
      let textAt: number | null = null;
      inTime(this.#guard, limitMs, () => {
        textAt = searchProgress(regex, line)?.textEnd ?? null;
      });
      return textAt === null ? [] : [{ template: name, textAt }];
    });
  }
}

const NO_DATE: DateExplanation = {
  template: null,
  pattern: null,
  found: null,
  time: null,
  problem: null,
  stopped: [],
};

function foundDate({ template, date, start, end, epoch, failure }: FoundDate): DateExplanation {
  const reason = failure === null ? "the date is empty" : "the date does not exist";
  return {
    template: template.name,
    pattern: template.pattern,
    found: { text: date, start, end },
    time: epoch,
    problem: epoch === null ? reason : null,
    stopped: [],
  };
}

function knownDate(line: string | LineParts, time: number): { date: DateExplanation; parts: LineParts } {
  const parts: LineParts = typeof line === "string" ? ["", "", line] : line;
  const [before, text] = parts;
  const found = { text, start: before.length, end: before.length + text.length };
  return { date: { ...NO_DATE, found, time }, parts };
}

function contentOf({ match }: Attempt): string | null {
  const content = match?.groups["content"];
  return typeof content === "string" && content !== "" ? content : null;
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

const MISSED: Verdict = { result: "missed", by: null, id: null, isHostName: false, time: null, fields: {} };

function verdictOf(report: LineReport | null): Verdict {
  if (!report) return MISSED;
  const [ignored] = report.ignored;
  const { time } = report.line;
  if (ignored) return { ...MISSED, result: "ignored", by: ignored.regex + 1, time };
  const [finding] = report.findings;
  if (!finding) return MISSED;
  const { subject, verdict, regex } = finding;
  const id = subject === null ? null : "id" in subject ? subject.id.text : subject.hostName;
  return {
    result: verdict === "failure" && id === null ? "nobody" : verdict,
    by: regex + 1,
    id,
    isHostName: subject !== null && !("id" in subject),
    time: finding.time,
    fields: plainFields(finding.data),
  };
}

/** Values that JSON can hold; the lines are shown elsewhere. */
function plainFields(data: FailureData): FailureData {
  const fields: FailureData = {};
  for (const [name, value] of Object.entries(data)) {
    if (name === "matches") fields[name] = matchesOf(data).map(lineText);
    else fields[name] = value instanceof Set ? [...value] : value;
  }
  return fields;
}
