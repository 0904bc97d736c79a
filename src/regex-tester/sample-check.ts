import type { FilterDefinition } from "../config/filter-definition.ts";
import { type Failure, matchesOf } from "../detect/failure.ts";
import { Filter } from "../detect/filter.ts";
import type { LogHub } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import { holds, type Sample } from "./sample-file.ts";

/** What samples are checked with. */
export interface SampleCheckOptions {
  /** Name of the filter, as constraints mention it. */
  readonly name: string;
  /** Parameters that win over those of the samples. */
  readonly own: ReadonlyMap<string, string>;
  /** The filter with parameters. */
  readonly filterWith: (options: ReadonlyMap<string, string>) => FilterDefinition;
  readonly clock: Clock;
  readonly hub: LogHub;
  /** Told of each mismatch. */
  readonly print: (line: string) => void;
}

/** How many expectations were met. */
export interface SampleCounts {
  passed: number;
  failed: number;
}

/** Checks what a filter makes of sample lines, each under all sets of parameters that its file gives. */
export function checkSamples(samples: readonly Sample[], options: SampleCheckOptions): SampleCounts {
  const counts = { passed: 0, failed: 0 };
  const filters = new Map<string, Filter>();
  for (const sample of samples) {
    for (const given of sample.options) {
      const parameters = new Map([...given, ...options.own]);
      const key = JSON.stringify([...parameters]);
      const filter = filters.get(key) ?? newFilter(options.filterWith(parameters), options);
      filters.set(key, filter);
      const mismatch = mismatchOf(sample, filter, parameters, options.name);
      if (mismatch === null) counts.passed++;
      else {
        counts.failed++;
        const shown = parameters.size === 0 ? "" : ` [${[...parameters].map((p) => p.join("=")).join(", ")}]`;
        options.print(`${sample.file}:${sample.number}${shown}: ${mismatch}`);
        options.print(`|  ${sample.line}`);
      }
    }
  }
  return counts;
}

function newFilter(definition: FilterDefinition, { name, clock, hub }: SampleCheckOptions): Filter {
  const filter = new Filter({ jail: name, clock, log: hub.logger("filter"), checkTimes: false });
  if (definition.maxlines !== undefined) filter.maxLines = definition.maxlines;
  if (definition.datepattern) filter.datePattern = definition.datepattern;
  if (definition.prefregex) filter.prefRegex = definition.prefregex;
  for (const regex of definition.failregex) filter.addFailRegex(regex);
  for (const regex of definition.ignoreregex) filter.addIgnoreRegex(regex);
  return filter;
}

/** What is wrong; `null`: nothing. */
function mismatchOf(
  { line, expectation, constraint }: Sample,
  filter: Filter,
  parameters: ReadonlyMap<string, string>,
  name: string,
): string | null {
  const failures = filter.processLine(line, { inOperation: false });
  const applies = constraint === null ? true : holds(constraint, name, parameters);
  if (applies === null) return `the constraint is not understood: ${constraint}`;
  const found = failures.at(0);
  if (!expectation.match || !applies)
    return found ? `no failure expected, found ${idOf(found)} by failregex ${found.regex + 1}` : null;
  if (!found) return "a failure expected, found none";
  const wrong: string[] = [];
  for (const [field, wanted] of expectation.fields) {
    const shown = differs(field, wanted, found, line);
    if (shown !== null) wrong.push(`${field}: ${JSON.stringify(wanted)} expected, found ${shown}`);
  }
  return wrong.length > 0 ? wrong.join("; ") : null;
}

/** What was found instead of what was wanted; `null`: the same. */
function differs(field: string, wanted: unknown, failure: Failure, line: string): string | null {
  if (field === "time") return wanted === null ? null : timeDiffers(String(wanted), failure.time, line);
  if (field === "attempts") {
    const attempts = Math.max(1, matchesOf(failure.data).length);
    return attempts === Number(wanted) ? null : String(attempts);
  }
  const value = field === "host" || field === "id" ? idOf(failure) : (failure.data[field] ?? null);
  const plain = value instanceof Set ? [...value] : value;
  return JSON.stringify(plain) === JSON.stringify(wanted) ? null : JSON.stringify(plain);
}

/** Times are local ones. A line without year is of the last such day, so the year does not count then. */
function timeDiffers(wanted: string, time: number, line: string): string | null {
  const expected = new Date(wanted);
  const found = new Date(time * 1000);
  if (expected.getTime() === found.getTime()) return null;
  const year = wanted.slice(0, 4);
  const hasYear = line.includes(year) || !/[A-Z][a-z]{2}|\d\d[-/]\d\d/.test(line);
  found.setFullYear(expected.getFullYear());
  const sameDay = expected.getTime() === found.getTime();
  return sameDay && !hasYear ? null : new Date(time * 1000).toString();
}

function idOf({ subject }: Failure): string {
  return "id" in subject ? subject.id.text : subject.hostName;
}
