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
import type { Failure, FailureData } from "./failure.ts";
import { matchesOf } from "./failure.ts";
import { Filter } from "./filter.ts";

/** Conditions under which the verdicts were recorded. */
const NOW = 1_124_013_600;
process.env["TZ"] = "Europe/Zurich";

interface Sample extends StockSample {
  readonly result?: Verdict | null;
  readonly results?: readonly Verdict[];
}

interface Verdict {
  readonly id: string;
  readonly time: number;
  readonly attempts: number;
  readonly fields: Record<string, unknown>;
}

const tree = referenceTree();

describe("the stock filters judge the sample lines as the reference does", {
  skip: skipWithoutStockCorpus,
}, () => {
  for (const name of STOCK_FILTERS) {
    const expected = stockSamples<Sample>(name);

    test(`${name}, line by line`, () => {
      const filters = new Map<string, Filter>();
      for (const sample of expected) {
        const filter = filterFor(filters, name, sample);
        const context = { inOperation: false, ...(sample.journal ? { time: NOW } : {}) };
        assert.deepEqual(
          filter.processLine(sample.line, context).map(verdictOf),
          verdicts(sample),
          sample.line,
        );
      }
    });

    test(`${name}, in blocks`, () => {
      const blocks = new Map<string, Sample[]>();
      for (const sample of expected.filter((s) => !s.journal)) {
        const key = instanceOf(sample);
        blocks.set(key, [...(blocks.get(key) ?? []), sample]);
      }
      for (const block of blocks.values()) {
        const filter = filterFor(new Map(), name, block[0]!);
        const found: Failure[] = [];
        let lines = 0;
        // As a server reads them: those of pure ASCII are scanned, others are not.
        for (const { text, ascii } of piecesOf(block)) {
          lines += filter.processBlock(text, { inOperation: false, ascii }, (f) => found.push(f)).lines;
        }
        assert.equal(lines, block.length);
        assert.deepEqual(found.map(verdictOf), block.flatMap(verdicts));
      }
    });
  }
});

/** The lines as blocks, a new one wherever lines of pure ASCII begin or end. */
function piecesOf(samples: readonly Sample[]): { text: string; ascii: boolean }[] {
  const pieces: { text: string; ascii: boolean }[] = [];
  for (const { line } of samples) {
    const ascii = /^[\0-\x7f]*$/.test(line);
    const last = pieces.at(-1);
    if (last?.ascii === ascii) last.text += `${line}\n`;
    else pieces.push({ text: `${line}\n`, ascii });
  }
  return pieces;
}

function filterFor(filters: Map<string, Filter>, name: string, sample: Sample): Filter {
  const key = instanceOf(sample);
  const known = filters.get(key);
  if (known) return known;
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const filter = new Filter({ jail: name, clock: new ManualClock(NOW), log: hub.logger("filter") });
  filter.findTime = Number.POSITIVE_INFINITY;
  const parameters = new Map(Object.entries(sample.options));
  const definition = readFilter(new ConfigTree(tree!, hub), name, { parameters })!;
  if (definition.maxlines !== undefined) filter.maxLines = definition.maxlines;
  if (definition.prefregex) filter.prefRegex = definition.prefregex;
  for (const regex of definition.failregex) filter.addFailRegex(regex);
  for (const regex of definition.ignoreregex) filter.addIgnoreRegex(regex);
  if (definition.datepattern) filter.datePattern = definition.datepattern;
  filters.set(key, filter);
  return filter;
}

function verdicts(sample: Sample): readonly Verdict[] {
  return sample.results ?? (sample.result ? [sample.result] : []);
}

function verdictOf({ subject, time, data }: Failure): Verdict {
  const id = "id" in subject ? subject.id.text : subject.hostName;
  return { id, time, attempts: Math.max(1, matchesOf(data).length), fields: fieldsOf(data) };
}

/** Groups that were left out of the recording. */
const NOT_RECORDED = /^(?:matches|mlfid|cond_.*)$/;

function fieldsOf(data: FailureData): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value === null || NOT_RECORDED.test(name)) continue;
    fields[name] = value instanceof Set ? [...value].sort() : value;
  }
  return fields;
}
