import { statSync } from "node:fs";
import { ConfigError } from "../config/config-error.ts";
import { Filter, MATCH_LIMIT_MS, type UseDns } from "../detect/filter.ts";
import { LineExplainer } from "../detect/line-explainer.ts";
import { RegexError } from "../detect/regex-error.ts";
import { standardFormat } from "../log/format.ts";
import { parseLevel } from "../log/levels.ts";
import { LogHub } from "../log/logger.ts";
import { type NameService, Resolver } from "../net/resolver.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import { preferredEncoding } from "../source/encoding.ts";
import { type RunJournalctl, runJournalctl } from "../source/journal-process.ts";
import type { Clock } from "../time/clock.ts";
import { type FilterSource, findFilterSource } from "./filter-source.ts";
import { isJournal, journalNamed, linesOfJournal, matchWords } from "./journal-input.ts";
import { jsonReport } from "./json-report.ts";
import { LineExplanations } from "./line-explanations.ts";
import type { LineSink } from "./line-sink.ts";
import { LineTester } from "./line-tester.ts";
import { hintAbout, isLogFile, linesOfFile, linesOfText } from "./log-input.ts";
import type { TesterOptions } from "./options.ts";
import { outputFormat } from "./output-format.ts";
import { ProgressBar, type Terminal } from "./progress-bar.ts";
import { LIST_LIMIT, makeReport, type ReportInput } from "./report.ts";
import { ExpressionResult, LineList, type TestResults } from "./results.ts";
import { TesterError } from "./tester-error.ts";

/** What the tester needs of the world. */
export interface TesterEnvironment {
  readonly clock: Clock;
  /** Prints a line, its end not included. */
  readonly print: (line: string) => void;
  readonly names?: NameService;
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
  await new RegexTester(options, environment).run();
}

/** Reads a log to its end and hands on its lines. */
type Reading = (sink: LineSink) => Promise<void>;

const SHORTENED = 53;
/** Lines of a text with several lines that are shown before the test. */
const SHOWN_LINES = 5;

/** The expressions as they were written; no prefregex: empty. */
interface Written {
  readonly pref: string;
  readonly fail: readonly string[];
  readonly ignore: readonly string[];
}

class RegexTester {
  readonly #options: TesterOptions;
  readonly #environment: TesterEnvironment;
  readonly #filter: Filter;
  readonly #hub: LogHub;
  #written: Written = { pref: "", fail: [], ignore: [] };
  #journalMatches: readonly string[] = [];

  constructor(options: TesterOptions, environment: TesterEnvironment) {
    this.#options = options;
    this.#environment = environment;
    const format = standardFormat({ datetime: true, padding: true });
    this.#hub = new LogHub((record) => environment.print(format(record, new Date())));
    this.#filter = new Filter({
      jail: "None",
      clock: environment.clock,
      log: this.#hub.logger("filter"),
      checkTimes: false,
      everyRegex: options.checkAll && options.out === null && !options.explain,
      // Otherwise counting its matches is enough.
      reportPrefix: options.out === null && (options.verbosity > 0 || options.debuggex),
    });
  }

  async run(): Promise<void> {
    this.#say("", "Running tests", "=============", "");
    this.#setLogLevel();
    this.#explained(() => this.#setUp());
    const [log = ""] = this.#options.words;
    const read = this.#openLog(log);
    this.#say("");
    if (this.#options.explain) return read(this.#lineExplanations());
    const started = performance.now();
    const results = this.#newResults();
    await read(this.#lineTester(results));
    if (this.#options.out !== null) return;
    const report: ReportInput = {
      options: this.#options,
      results,
      prefRegex: this.#filter.prefRegex,
      expanded: { fail: this.#filter.failRegex(), ignore: this.#filter.ignoreRegex() },
      templates: this.#datesMatter(log) ? this.#filter.dateDetector.templates : null,
      maxLines: this.#filter.maxLines,
      seconds: (performance.now() - started) / 1000,
    };
    if (this.#options.json) this.#environment.print(jsonReport(report));
    else this.#say(...makeReport(report));
  }

  #setLogLevel(): void {
    const level = parseLevel(this.#options.logLevel);
    if (level === null) {
      throw new TesterError(`ValueError: Invalid log level '${this.#options.logLevel}'`, {
        exitCode: 1,
        toStderr: true,
      });
    }
    this.#hub.level = level;
  }

  #setUp(): void {
    const { options } = this;
    const filter = this.#filter;
    if (options.maxLines !== null) this.#useMaxLines(options.maxLines);
    if (options.datePattern !== null) this.#useDatePattern(options.datePattern);
    if (options.timeZone !== null) filter.logTimeZone = options.timeZone;
    const [, regex = "", ignoreRegex] = options.words;
    const backend = isJournal(options.words[0] ?? "") ? "systemd" : "auto";
    const source = findFilterSource(regex, { ...options, hub: this.#hub, backend });
    filter.useDns = useDnsOf(options, source);
    if (source) this.#useSource(source, ignoreRegex === undefined);
    else this.#useFailRegex(regex);
    if (ignoreRegex === undefined) return;
    this.#say(`Use ignoreregex line : ${shortened(ignoreRegex)}`);
    this.#written = { ...this.#written, ignore: [ignoreRegex] };
    filter.addIgnoreRegex(ignoreRegex);
  }

  #useFailRegex(regex: string): void {
    this.#say(`Use   failregex line : ${shortened(regex)}`);
    this.#written = { pref: "", fail: [regex], ignore: [] };
    this.#filter.addFailRegex(regex);
  }

  #useSource({ announcement, definition }: FilterSource, withIgnoreRegexes: boolean): void {
    const { options } = this;
    const filter = this.#filter;
    this.#say(...announcement);
    if (definition.maxlines !== undefined && options.maxLines === null)
      this.#useMaxLines(definition.maxlines);
    if (definition.datepattern && options.datePattern === null) this.#useDatePattern(definition.datepattern);
    this.#journalMatches = definition.journalmatch.flatMap((words, i) => (i === 0 ? words : ["+", ...words]));
    const ignore = withIgnoreRegexes ? definition.ignoreregex : [];
    this.#written = { pref: definition.prefregex ?? "", fail: definition.failregex, ignore };
    filter.prefRegex = this.#written.pref;
    for (const regex of definition.failregex) filter.addFailRegex(regex);
    for (const regex of ignore) filter.addIgnoreRegex(regex);
  }

  #useMaxLines(count: number): void {
    this.#filter.maxLines = count;
    this.#say(`Use         maxlines : ${count}`);
  }

  #useDatePattern(pattern: string): void {
    this.#filter.datePattern = pattern;
    const { name } = this.#filter.dateDetector.pattern;
    this.#say(`Use      datepattern : ${pattern} : ${name}`);
  }

  /** Announces the log; what is returned reads it. */
  #openLog(log: string): Reading {
    if (isJournal(log)) return this.#openJournal(log);
    return isLogFile(log) ? this.#openFile(log) : this.#openText(log);
  }

  #openJournal(log: string): Reading {
    const { variables, journalctl } = this.#environment;
    const { journalMatch } = this.#options;
    const matches = journalMatch === null ? this.#journalMatches : matchWords(journalMatch);
    const encoding = this.#encoding;
    const selection = journalNamed(log, variables);
    const entries = linesOfJournal({ selection, matches, encoding, run: journalctl ?? runJournalctl });
    this.#say("Use         systemd journal", `Use         encoding : ${encoding}`);
    if (matches.length > 0) this.#say(`Use    journal match : ${matches.join(" ")}`);
    return async (sink) => {
      for await (const piece of entries) await sink.testTimed(piece);
    };
  }

  #openFile(log: string): Reading {
    const encoding = this.#encoding;
    const state = { done: 0 };
    const pieces = linesOfFile(log, encoding, state);
    this.#say(`Use         log file : ${log}`, `Use         encoding : ${encoding}`);
    const { terminal } = this.#environment;
    // Lines that are printed meanwhile would mix with the bar.
    const isBarWanted = terminal && this.#options.out === null && !this.#options.explain;
    const bar = isBarWanted ? new ProgressBar(terminal, statSync(log).size) : null;
    return async (sink) => {
      let count = 0;
      try {
        for await (const { lines, ascii } of pieces) {
          await sink.test(lines, ascii);
          count += lines.length;
          bar?.update(state.done, count);
        }
      } finally {
        bar?.done();
      }
    };
  }

  #openText(log: string): Reading {
    const lines = linesOfText(log);
    if (lines.length === 1) {
      const hint = hintAbout(log);
      // For people only: programs get what the reference prints.
      if (hint !== null) this.#environment.terminal?.write(`${hint}\n`);
      this.#say(`Use      single line : ${shortened(log)}`);
    } else {
      this.#say(`Use      multi line : ${lines.length} line(s)`);
      this.#say(...lines.slice(0, SHOWN_LINES).map((line, i) => `|  ${i + 1}: ${shortened(line)}`));
      if (lines.length > SHOWN_LINES) this.#say("| ...");
      this.#say("`-");
    }
    return (sink) => sink.test(lines);
  }

  get #encoding(): string {
    return this.#options.encoding ?? preferredEncoding(this.#environment.variables);
  }

  /** Entries of a journal have times; the reference shows date templates all the same when a pattern was set. */
  #datesMatter(log: string): boolean {
    return !isJournal(log) || this.#filter.datePattern !== null;
  }

  #newResults(): TestResults {
    const { options } = this;
    const limit = options.maxLines ?? LIST_LIMIT;
    const list = (printAll: boolean) =>
      new LineList(printAll ? Number.POSITIVE_INFINITY : limit, this.#filter.maxLines);
    return {
      failRegexes: this.#written.fail.map((regex) => new ExpressionResult(regex)),
      ignoreRegexes: this.#written.ignore.map((regex) => new ExpressionResult(regex)),
      prefHits: 0,
      prefDetails: [],
      tested: 0,
      matched: list(options.printAllMatched),
      ignored: list(options.printAllIgnored),
      missed: list(options.printAllMissed),
    };
  }

  #lineTester(results: TestResults): LineTester {
    const { clock, names, print } = this.#environment;
    const { checkAll, out, invert, verbosity } = this.#options;
    const resolver = new Resolver({ clock, log: this.#hub.logger("ipdns"), ...(names ? { names } : {}) });
    return new LineTester({
      filter: this.#filter,
      clock,
      results,
      resolve: (name) => resolver.resolve(name),
      checkAll,
      format: out === null ? null : outputFormat(out, () => clock.now()),
      invert,
      print,
      keepDetails: verbosity > 0,
    });
  }

  #lineExplanations(): LineExplanations {
    const explainer = new LineExplainer({
      filter: this.#filter,
      prefRegex: this.#written.pref,
      failRegexes: this.#written.fail,
      ignoreRegexes: this.#written.ignore,
      limitMs: MATCH_LIMIT_MS,
    });
    return new LineExplanations(explainer, this.#options.json, this.#environment.print);
  }

  get options(): TesterOptions {
    return this.#options;
  }

  /** Prints lines of the full report. */
  #say(...lines: string[]): void {
    const { out, json, explain } = this.#options;
    if (out === null && !json && !explain) for (const line of lines) this.#environment.print(line);
  }

  /** Turns what is wrong with the arguments into the program's complaint. */
  #explained(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof PyError) throw new TesterError(`ERROR: ${str(error)}`);
      if (error instanceof RegexError || error instanceof RangeError || error instanceof ConfigError) {
        throw new TesterError(`ERROR: ${error.message}`);
      }
      throw error;
    }
  }
}

function useDnsOf(options: TesterOptions, source: FilterSource | null): UseDns {
  if (options.raw) return "raw";
  const mode = (options.useDns ?? source?.definition.usedns ?? "warn").toLowerCase();
  return mode === "yes" || mode === "no" || mode === "raw" || mode === "warn" ? mode : "no";
}

function shortened(text: string): string {
  return text.length > SHORTENED ? `${text.slice(0, SHORTENED - 3)}...` : text;
}
