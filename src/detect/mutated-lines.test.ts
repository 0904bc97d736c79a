import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { referenceTree } from "../../test/reference.ts";
import {
  instanceOf,
  STOCK_FILTERS,
  type StockSample,
  skipWithoutStockCorpus,
  stockSamples,
} from "../../test/stock-corpus.ts";
import { readFilter } from "../config/filter-definition.ts";
import { ConfigTree } from "../config/tree.ts";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { DateDetector } from "../time/date-detector.ts";
import type { Filter, FilterOptions, LineReport } from "./filter.ts";
import { failuresOf, failuresOfBlock, NOW, testFilter } from "./testing.ts";

/** Lines made of the sample lines of all filters together. */
const LINES = Number(process.env["MUTATED_LINES"] ?? 100_000);
const SEED = 20_261_121;

const tree = referenceTree();

/** Passing over lines must not change a verdict, whatever the lines look like. */
describe("mutated sample lines have the same failures in blocks and line by line", {
  skip: skipWithoutStockCorpus,
}, () => {
  let failures = 0;
  for (const name of STOCK_FILTERS) {
    test(name, () => {
      const random = seededRandom(SEED);
      const samples = stockSamples(name);
      for (const group of groupsOf(samples)) {
        const share = Math.ceil((LINES / STOCK_FILTERS.length) * (group.length / samples.length));
        const texts = group.map(({ line }) => withoutDate(line));
        const lines = Array.from({ length: share }, () => `${NOW}${mutated(texts, random)}`);
        const parameters = new Map(Object.entries(group[0]!.options));
        const oneByOne = failuresOf(stockFilter(name, parameters), lines);
        assert.deepEqual(failuresOfBlock(stockFilter(name, parameters), lines), oneByOne);
        const listed = stockFilter(name, parameters);
        const inBlock = stockFilter(name, parameters);
        assert.deepEqual(reportsOfBlock(inBlock, lines), reportsOfLines(listed, lines));
        assert.equal(inBlock.prefixMatches, listed.prefixMatches);
        assert.deepEqual(inBlock.dateDetector.templates, listed.dateDetector.templates);
        failures += oneByOne.length;
        const ascii = lines.filter((line) => /^[\0-\x7f]*$/.test(line)).map(withSyslogDate);
        assert.deepEqual(
          failuresOfBlock(scanningFilter(name, parameters), ascii, false, true),
          failuresOf(scanningFilter(name, parameters), ascii),
        );
        const [listedToo, scanned] = [1, 2].map(() => scanningFilter(name, parameters, TESTER));
        assert.deepEqual(reportsOfBlock(scanned!, ascii, true), reportsOfLines(listedToo!, ascii));
        assert.equal(scanned!.prefixMatches, listedToo!.prefixMatches);
        assert.deepEqual(scanned!.dateDetector.templates, listedToo!.dateDetector.templates);
      }
    });
  }
  test("many of the lines are failures", () => {
    assert.ok(failures > LINES / 10, `${failures} of ${LINES}`);
  });
});

/** What is told of each line of interest, in short. */
function briefReport({ line, findings, ignored }: LineReport): string {
  const found = findings.map(({ regex, verdict, time }) => `${regex} ${verdict} ${time}`);
  return `${found.join()} ${ignored.map(({ regex }) => regex).join()} ${line.text}`;
}

function reportsOfLines(filter: Filter, lines: readonly string[]): string[] {
  const reports: string[] = [];
  filter.examineLines(lines, { inOperation: false }, (_, report) => reports.push(briefReport(report)));
  return reports;
}

function reportsOfBlock(filter: Filter, lines: readonly string[], ascii = false): string[] {
  const reports: string[] = [];
  const block = lines.map((line) => `${line}\n`).join("");
  const all = () => false;
  const count = filter.examineBlock(block, { inOperation: false, ascii }, all, (_, report) =>
    reports.push(briefReport(report)),
  );
  assert.equal(count, lines.length);
  return reports;
}

function groupsOf(samples: readonly StockSample[]): readonly (readonly StockSample[])[] {
  return [...Map.groupBy(samples, instanceOf).values()];
}

/** A stock filter for lines with dates as in syslog, which scans them if they come in blocks of pure ASCII. */
function scanningFilter(
  name: string,
  parameters: ReadonlyMap<string, string>,
  options: Partial<FilterOptions> = {},
) {
  return stockFilter(name, parameters, options, null);
}

/** As `fail2ban-regex` has its filter. */
const TESTER: Partial<FilterOptions> = { checkTimes: false, everyRegex: true };

/** The same line with another date; its second changes from time to time. */
function withSyslogDate(line: string, index: number): string {
  return `Nov 14 10:59:${String((index >> 6) % 60).padStart(2, "0")}${line.slice(String(NOW).length)}`;
}

/** A stock filter for lines that begin with an epoch number, unless set otherwise. */
function stockFilter(
  name: string,
  parameters: ReadonlyMap<string, string>,
  options: Partial<FilterOptions> = {},
  datePattern: null | undefined = undefined,
) {
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const definition = readFilter(new ConfigTree(tree!, hub), name, { parameters })!;
  return testFilter(
    {
      fail: definition.failregex,
      ignore: definition.ignoreregex,
      maxLines: definition.maxlines ?? 1,
      ...(definition.prefregex ? { pref: definition.prefregex } : {}),
      ...(datePattern === null ? { datePattern } : {}),
    },
    { matchTimeLimitMs: Number.POSITIVE_INFINITY, ...options },
  ).filter;
}

const detector = new DateDetector({ clock: new ManualClock(NOW) });

function withoutDate(line: string): string {
  const found = detector.find(line);
  return found ? found.before + found.after : line;
}

/** A line of the list with up to three changes: something cut out, doubled, replaced or taken from another. */
function mutated(texts: readonly string[], random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  const other = () => texts[below(texts.length)]!;
  let text = other();
  for (let changes = below(4); changes > 0; changes--) {
    const start = below(text.length + 1);
    const end = start + below(Math.min(12, text.length - start + 1));
    const donor = other();
    const from = below(donor.length + 1);
    const pieces = [
      "",
      text.slice(start, end).repeat(2),
      donor.slice(from, from + below(20)),
      ODD[below(ODD.length)]!,
    ];
    text = text.slice(0, start) + pieces[below(pieces.length)] + text.slice(end);
  }
  return text.replaceAll("\n", "").replace(/\r+$/, "");
}

const ODD = [" ", "é", "\r", "\0", "'", '"', "[", "]", "192.0.2.7", "2001:db8::7", " from ", "\u2028", "K"];

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
