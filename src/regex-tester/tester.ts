import { statSync } from "node:fs";
import { type Filter, MATCH_LIMIT_MS } from "../detect/filter.ts";
import { standardFormat } from "../log/format.ts";
import { parseLevel } from "../log/levels.ts";
import { LogHub } from "../log/logger.ts";
import type { NameService } from "../net/resolver.ts";
import { preferredEncoding } from "../source/encoding.ts";
import { type RunJournalctl, runJournalctl } from "../source/journal-process.ts";
import { type Clock, monotonicMs } from "../time/clock.ts";
import { type CountingTest, newCountingTest } from "./counting-test.ts";
import { isJournal, journalNamed, linesOfJournal, matchWords } from "./journal-input.ts";
import type { LineExplanations } from "./line-explanations.ts";
import type { LineSink } from "./line-sink.ts";
import { decodeLines, hintAbout, isLogFile, linesOfFile, linesOfText, type RawLines } from "./log-input.ts";
import type { TesterOptions } from "./options.ts";
import { ProgressBar, type Terminal } from "./progress-bar.ts";
import { makeReport, type ReportInput } from "./report.ts";
import type { TestResults } from "./results.ts";
import { shortened } from "./shortened.ts";
import { TesterError } from "./tester-error.ts";
import { makeTesterFilter, type TesterFilter } from "./tester-filter.ts";

/** What the tester needs of the world. */
export interface TesterEnvironment {
  readonly clock: Clock;
  /** Prints a line, its end not included. */
  readonly print: (line: string) => void;
  readonly names?: NameService;
  /** Writes to standard error. */
  readonly err?: (text: string) => void;
  /** Where the progress of long runs is shown; not given: nowhere. */
  readonly terminal?: Terminal;
  /** Reads journals; default: the program `journalctl`. */
  readonly journalctl?: RunJournalctl;
  /** Variables of the process, for the locale's encoding. */
  readonly variables: NodeJS.ProcessEnv;
}

/**
 * Tests expressions on a log, as the command line asks.
 *
 * @throws {TesterError} when the test cannot be made
 */
export async function runTest(options: TesterOptions, environment: TesterEnvironment): Promise<void> {
  const { clock, print } = environment;
  const hasReport = options.out === null && !options.json && !options.explain;
  /** Prints lines of the full report. */
  const say = (...lines: string[]) => {
    if (hasReport) for (const line of lines) print(line);
  };
  const format = standardFormat({ datetime: true, padding: true });
  const hub = new LogHub((record) => print(format(record, new Date())));
  say("", "Running tests", "=============", "");
  hub.level = logLevel(options);
  const made = makeTesterFilter(options, { clock, hub, say });
  await new RegexTester(options, { ...environment, hub, say }, made).run();
}

/** Reads a log to its end and hands on its lines; `tested` tells how many were tested so far. */
type Reading = (sink: LineSink, tested?: () => number) => Promise<void>;

/** Lines of a text with several lines that are shown before the test. */
const SHOWN_LINES = 5;

interface RunContext extends TesterEnvironment {
  readonly hub: LogHub;
  readonly say: (...lines: string[]) => void;
}

class RegexTester {
  readonly #options: TesterOptions;
  readonly #context: RunContext;
  readonly #made: TesterFilter;

  constructor(options: TesterOptions, context: RunContext, made: TesterFilter) {
    this.#options = options;
    this.#context = context;
    this.#made = made;
  }

  async run(): Promise<void> {
    const [log = ""] = this.#options.words;
    const read = this.#openLog(log);
    this.#context.say("");
    if (this.#options.explain) return read(await this.#lineExplanations());
    const started = monotonicMs();
    const counting = newCountingTest(this.#options, this.#made, this.#context);
    if (this.#options.jobs > 1) await this.#readParallel(read, counting, log);
    else await read(counting.tester, counting.tested);
    const seconds = (monotonicMs() - started) / 1000;
    if (this.#options.out === null) await this.#report(counting.results, seconds);
  }

  async #readParallel(read: Reading, counting: CountingTest, log: string): Promise<void> {
    const { clock, print, err } = this.#context;
    const reason = reasonForOneThread(this.#options, this.#made.filter, log);
    if (reason !== null) {
      err?.(`Note: one thread does all the work: ${reason}\n`);
      return read(counting.tester, counting.tested);
    }
    const [{ BlockThreads }, { ParallelTest }] = await Promise.all([
      import("./block-threads.ts"),
      import("./parallel-test.ts"),
    ]);
    const threads = new BlockThreads(this.#options.jobs, {
      options: this.#options,
      encoding: this.#encoding,
    });
    try {
      const { test: testBlock, capacity } = threads;
      const { filter } = this.#made;
      const test = new ParallelTest({ filter, counting, clock, print, testBlock, capacity });
      await read(test, counting.tested);
    } finally {
      await threads.close();
    }
  }

  async #report(results: TestResults, seconds: number): Promise<void> {
    const { filter } = this.#made;
    const report: ReportInput = {
      options: this.#options,
      results,
      prefRegex: filter.prefRegex,
      expanded: { fail: filter.failRegex(), ignore: filter.ignoreRegex() },
      templates: this.#datesMatter ? filter.dateDetector.templates : null,
      maxLines: filter.maxLines,
      seconds,
    };
    if (this.#options.json) this.#context.print((await import("./json-report.ts")).jsonReport(report));
    else for (const line of makeReport(report)) this.#context.say(line);
  }

  /** Announces the log; what is returned reads it. */
  #openLog(log: string): Reading {
    if (isJournal(log)) return this.#openJournal(log);
    return isLogFile(log) ? this.#openFile(log) : this.#openText(log);
  }

  #openJournal(log: string): Reading {
    const { variables, journalctl, say } = this.#context;
    const { journalMatch } = this.#options;
    const matches = journalMatch === null ? this.#made.journalMatches : matchWords(journalMatch);
    const encoding = this.#encoding;
    const selection = journalNamed(log, variables);
    const entries = linesOfJournal({ selection, matches, encoding, run: journalctl ?? runJournalctl });
    say("Use         systemd journal", `Use         encoding : ${encoding}`);
    if (matches.length > 0) say(`Use    journal match : ${matches.join(" ")}`);
    return async (sink) => {
      for await (const piece of entries) await sink.testTimed(piece);
    };
  }

  #openFile(log: string): Reading {
    const encoding = this.#encoding;
    const state = { done: 0 };
    const pieces = linesOfFile(log, encoding, state);
    this.#context.say(`Use         log file : ${log}`, `Use         encoding : ${encoding}`);
    const { terminal } = this.#context;
    // Lines that are printed meanwhile would mix with the bar.
    const isBarWanted = terminal && this.#options.out === null && !this.#options.explain;
    const bar = isBarWanted ? new ProgressBar(terminal, statSync(log).size) : null;
    return async (sink, tested = () => 0) => {
      try {
        for await (const piece of pieces) {
          await handOn(piece, sink);
          bar?.update(state.done, tested());
        }
        await sink.finish?.();
      } finally {
        bar?.done();
      }
    };
  }

  #openText(log: string): Reading {
    const { say, terminal } = this.#context;
    const lines = linesOfText(log);
    if (lines.length === 1) {
      const hint = hintAbout(log);
      // For people only: programs get what the reference prints.
      if (hint !== null) terminal?.write(`${hint}\n`);
      say(`Use      single line : ${shortened(log)}`);
    } else {
      say(`Use      multi line : ${lines.length} line(s)`);
      say(...lines.slice(0, SHOWN_LINES).map((line, i) => `|  ${i + 1}: ${shortened(line)}`));
      if (lines.length > SHOWN_LINES) say("| ...");
      say("`-");
    }
    return (sink) => sink.test(lines.map((line) => `${line}\n`).join(""));
  }

  async #lineExplanations(): Promise<LineExplanations> {
    const [{ LineExplainer }, { LineExplanations }] = await Promise.all([
      import("../detect/line-explainer.ts"),
      import("./line-explanations.ts"),
    ]);
    const { filter, written } = this.#made;
    const explainer = new LineExplainer({
      filter,
      prefRegex: written.pref,
      failRegexes: written.fail,
      ignoreRegexes: written.ignore,
      limitMs: MATCH_LIMIT_MS,
    });
    return new LineExplanations(explainer, this.#options.json, this.#context.print);
  }

  get #encoding(): string {
    return this.#options.encoding ?? preferredEncoding(this.#context.variables);
  }

  /** Entries of a journal have times; the reference shows date templates all the same when a pattern was set. */
  get #datesMatter(): boolean {
    const [log = ""] = this.#options.words;
    return !isJournal(log) || this.#made.filter.datePattern !== null;
  }
}

function handOn(piece: RawLines, sink: LineSink): Promise<void> {
  if (sink.testRaw) return sink.testRaw(piece);
  const { text, ascii } = decodeLines(piece);
  return sink.test(text, ascii);
}

/** Why several threads would not give the same results, or would not help; `null`: they do. */
function reasonForOneThread(options: TesterOptions, filter: Filter, log: string): string | null {
  if (!isLogFile(log)) return "the log is no file";
  if (filter.maxLines > 1) return "the expressions see several lines at a time";
  if ([filter.prefRegex, ...filter.failRegex()].some((regex) => /\(\?P<\w*mlfid/.test(regex)))
    return "the filter puts the lines of sessions together (F-MLFID)";
  return options.logLevel === "critical" ? null : "messages are to be logged in their order";
}

function logLevel(options: TesterOptions): number {
  const level = parseLevel(options.logLevel);
  if (level !== null) return level;
  throw new TesterError(`ValueError: Invalid log level '${options.logLevel}'`, {
    exitCode: 1,
    toStderr: true,
  });
}
