import type { LogHub } from "../log/logger.ts";
import { type NameService, Resolver } from "../net/resolver.ts";
import type { Clock } from "../time/clock.ts";
import { LineTester } from "./line-tester.ts";
import type { TesterOptions } from "./options.ts";
import { outputFormat } from "./output-format.ts";
import { LIST_LIMIT } from "./report.ts";
import { ExpressionResult, LineList, type TestResults } from "./results.ts";
import type { TesterFilter } from "./tester-filter.ts";

/** What counting needs of the world. */
export interface CountingContext {
  readonly clock: Clock;
  readonly hub: LogHub;
  readonly names?: NameService;
  /** Prints a line, its end not included. */
  readonly print: (line: string) => void;
}

/** Tests the lines that it is given, and where it counts what they are. */
export interface CountingTest {
  readonly tester: LineTester;
  readonly results: TestResults;
  /** How many lines were tested so far. */
  readonly tested: () => number;
}

/** A test that has seen no line yet. */
export function newCountingTest(
  options: TesterOptions,
  made: TesterFilter,
  { clock, hub, names, print }: CountingContext,
): CountingTest {
  const { checkAll, out, invert, verbosity } = options;
  const results = newResults(options, made);
  const resolver = new Resolver({ clock, log: hub.logger("ipdns"), ...(names ? { names } : {}) });
  const tester = new LineTester({
    filter: made.filter,
    clock,
    results,
    resolve: (name) => resolver.resolve(name),
    checkAll,
    format: out === null ? null : outputFormat(out, () => clock.now()),
    invert,
    print,
    keepDetails: verbosity > 0,
  });
  return { tester, results, tested: () => results.tested };
}

function newResults(options: TesterOptions, { filter, written }: TesterFilter): TestResults {
  const limit = options.maxLines ?? LIST_LIMIT;
  const list = (printAll: boolean) =>
    new LineList(printAll ? Number.POSITIVE_INFINITY : limit, filter.maxLines);
  return {
    failRegexes: written.fail.map((regex) => new ExpressionResult(regex)),
    ignoreRegexes: written.ignore.map((regex) => new ExpressionResult(regex)),
    prefHits: 0,
    prefDetails: [],
    tested: 0,
    matched: list(options.printAllMatched),
    ignored: list(options.printAllIgnored),
    missed: list(options.printAllMissed),
  };
}
