import { ConfigError } from "../config/config-error.ts";
import { Filter, type UseDns } from "../detect/filter.ts";
import { RegexError } from "../detect/regex-error.ts";
import type { LogHub } from "../log/logger.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import { type FilterSource, findFilterSource } from "./filter-source.ts";
import { isJournal } from "./journal-input.ts";
import type { TesterOptions } from "./options.ts";
import { shortened } from "./shortened.ts";
import { TesterError } from "./tester-error.ts";

/** The expressions as they were written; no prefregex: empty. */
export interface Written {
  readonly pref: string;
  readonly fail: readonly string[];
  readonly ignore: readonly string[];
}

/** The filter that is tested. */
export interface TesterFilter {
  readonly filter: Filter;
  readonly written: Written;
  /** Words `FIELD=value`, alternatives separated by `+`. */
  readonly journalMatches: readonly string[];
}

/** What making a filter needs of the world. */
export interface TesterFilterContext {
  readonly clock: Clock;
  readonly hub: LogHub;
  /** Told what is used. */
  readonly say: (...lines: string[]) => void;
}

/**
 * Makes the filter that the command line names.
 *
 * @throws {TesterError} when that is not possible
 */
export function makeTesterFilter(options: TesterOptions, context: TesterFilterContext): TesterFilter {
  try {
    return new FilterMaker(options, context).make();
  } catch (error) {
    if (error instanceof PyError) throw new TesterError(`ERROR: ${str(error)}`);
    if (error instanceof RegexError || error instanceof RangeError || error instanceof ConfigError)
      throw new TesterError(`ERROR: ${error.message}`);
    throw error;
  }
}

class FilterMaker {
  readonly #options: TesterOptions;
  readonly #context: TesterFilterContext;
  readonly #filter: Filter;
  #written: Written = { pref: "", fail: [], ignore: [] };
  #journalMatches: readonly string[] = [];

  constructor(options: TesterOptions, context: TesterFilterContext) {
    this.#options = options;
    this.#context = context;
    this.#filter = new Filter({
      jail: "None",
      clock: context.clock,
      log: context.hub.logger("filter"),
      checkTimes: false,
      everyRegex: options.checkAll && options.out === null && !options.explain,
      // Otherwise counting its matches is enough.
      reportPrefix: options.out === null && (options.verbosity > 0 || options.debuggex),
    });
  }

  make(): TesterFilter {
    const options = this.#options;
    const filter = this.#filter;
    if (options.maxLines !== null) this.#useMaxLines(options.maxLines);
    if (options.datePattern !== null) this.#useDatePattern(options.datePattern);
    if (options.timeZone !== null) filter.logTimeZone = options.timeZone;
    const [log = "", regex = "", ignoreRegex] = options.words;
    const backend = isJournal(log) ? "systemd" : "auto";
    const source = findFilterSource(regex, { ...options, hub: this.#context.hub, backend });
    filter.useDns = this.#useDnsOf(source);
    if (source) this.#useSource(source, ignoreRegex === undefined);
    else this.#useFailRegex(regex);
    if (ignoreRegex !== undefined) this.#useIgnoreRegex(ignoreRegex);
    return { filter, written: this.#written, journalMatches: this.#journalMatches };
  }

  #useFailRegex(regex: string): void {
    this.#context.say(`Use   failregex line : ${shortened(regex)}`);
    this.#written = { pref: "", fail: [regex], ignore: [] };
    this.#filter.addFailRegex(regex);
  }

  #useIgnoreRegex(regex: string): void {
    this.#context.say(`Use ignoreregex line : ${shortened(regex)}`);
    this.#written = { ...this.#written, ignore: [regex] };
    this.#filter.addIgnoreRegex(regex);
  }

  #useSource({ announcement, definition }: FilterSource, withIgnoreRegexes: boolean): void {
    const options = this.#options;
    const filter = this.#filter;
    this.#context.say(...announcement);
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
    this.#context.say(`Use         maxlines : ${count}`);
  }

  #useDatePattern(pattern: string): void {
    this.#filter.datePattern = pattern;
    this.#filter.dateDetector.requireCompilable();
    const { name } = this.#filter.dateDetector.pattern;
    this.#context.say(`Use      datepattern : ${pattern} : ${name}`);
  }

  #useDnsOf(source: FilterSource | null): UseDns {
    const { raw, useDns } = this.#options;
    const given = useDns ?? source?.definition.usedns ?? "warn";
    const mode = USE_DNS.find((known) => known === given.toLowerCase());
    if (!mode) {
      const log = this.#context.hub.logger("filter");
      log.error(`Incorrect value '${given}' specified for usedns. Using safe 'no'`);
    }
    // `--usedns no` keeps names out of expressions, however they would be taken.
    return raw && !(useDns !== null && mode === "no") ? "raw" : (mode ?? "no");
  }
}

const USE_DNS = ["yes", "warn", "no", "raw"] as const;
