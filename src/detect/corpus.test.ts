import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { referenceTree } from "../../test/reference.ts";
import { shared, skipWithout } from "../../test/shared.ts";
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

interface Sample {
  readonly options: Record<string, string>;
  readonly instance?: string;
  readonly line: string;
  readonly journal?: boolean;
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
const skip = skipWithout("corpus", "stock-1.0.2") || (tree ? false : "the reference's tree is not unpacked");
const folder = shared("corpus", "stock-1.0.2");
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".jsonl")) : [];

describe("the stock filters judge the sample lines as the reference does", { skip }, () => {
  for (const file of files) {
    const name = file.slice(0, -".jsonl".length);
    const samples = readFileSync(`${folder}/${file}`, "utf8").split("\n").filter(Boolean);
    const expected = samples.map((text) => JSON.parse(text) as Sample);

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
        const text = block.map((sample) => `${sample.line}\n`).join("");
        assert.equal(
          filter.processBlock(text, { inOperation: false }, (f) => found.push(f)).lines,
          block.length,
        );
        assert.deepEqual(found.map(verdictOf), block.flatMap(verdicts));
      }
    });
  }
});

function instanceOf(sample: Sample): string {
  return sample.instance ?? JSON.stringify(sample.options);
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
