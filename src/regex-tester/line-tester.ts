import { lineText, matchesOf } from "../detect/failure.ts";
import type { Filter, Finding, LineReport, TimedLine } from "../detect/filter.ts";
import { endOfLine, lineAt } from "../detect/line-end.ts";
import type { Identifier } from "../net/identifier.ts";
import { ownText } from "../pyvalue/own-text.ts";
import type { Clock } from "../time/clock.ts";
import { isLeftOut, type LineSink } from "./line-sink.ts";
import type { OutputFormat } from "./output-format.ts";
import { reprGroups } from "./output-format.ts";
import { PREF_DETAILS } from "./report.ts";
import type { ListedLine, TestResults } from "./results.ts";

/** What lines are tested with. */
export interface LineTesterOptions {
  readonly filter: Filter;
  readonly clock: Clock;
  readonly results: TestResults;
  /** Addresses of a host name. */
  readonly resolve: (name: string) => Promise<readonly Identifier[]>;
  readonly checkAll: boolean;
  /** Format of the only output; `null`: results are only counted. */
  readonly format: OutputFormat | null;
  readonly invert: boolean;
  readonly print: (line: string) => void;
  readonly keepDetails: boolean;
}

/** A failure with the identifier it is about; `null`: nobody. */
interface Hit {
  readonly finding: Finding;
  readonly id: Identifier | null;
}

/** Tests lines and counts, or prints, what is found. */
export class LineTester implements LineSink {
  readonly #o: LineTesterOptions;

  constructor(options: LineTesterOptions) {
    this.#o = options;
  }

  async test(block: string, ascii = false): Promise<void> {
    const { results, filter } = this.#o;
    const missed = new Missed(block, (line) => this.#miss(line, null));
    /** The first line that waits for names to be resolved, and all behind it. */
    const waiting: { readonly start: number; readonly report: LineReport }[] = [];
    let reported = 0;
    const earlier = filter.prefixMatches;
    const tested = filter.examineBlock(block, { inOperation: false, ascii }, isLeftOut, (start, report) => {
      reported++;
      if (waiting.length === 0 && !this.#needsMissed && this.#countPlain(report)) return;
      if (waiting.length > 0 || needsNames(report)) waiting.push({ start, report });
      else {
        if (this.#needsMissed) missed.tellBefore(start);
        this.#count(() => lineAt(block, start), report, NO_ADDRESSES);
      }
    });
    results.tested += tested;
    results.prefHits += filter.prefixMatches - earlier;
    for (const { start, report } of waiting) {
      if (this.#needsMissed) missed.tellBefore(start);
      this.#count(() => lineAt(block, start), report, await this.#addressesFor(report));
    }
    if (this.#needsMissed) missed.tellBefore(block.length);
    results.missed.count += tested - reported - missed.told;
  }

  async testTimed(entries: readonly TimedLine[]): Promise<void> {
    const { results, filter } = this.#o;
    const lines = entries.map(({ line }) => line);
    const times = entries.map(({ time }) => time);
    const reports: { readonly at: number; readonly report: LineReport }[] = [];
    const earlier = filter.prefixMatches;
    filter.examineLines(lines, { inOperation: false, times }, (at, report) => reports.push({ at, report }));
    results.tested += lines.length;
    results.prefHits += filter.prefixMatches - earlier;
    let next = 0;
    for (const { at, report } of reports) {
      for (; next < at; next++) this.#miss(lineText(lines[next]!), null);
      next++;
      this.#count(() => lineText(lines[at]!), report, await this.#addressesFor(report));
    }
    for (; next < lines.length; next++) this.#miss(lineText(lines[next]!), null);
  }

  /** Whether anything is to be said of lines that are missed, except how many they are. */
  get #needsMissed(): boolean {
    const { filter, results, format, invert } = this.#o;
    return filter.maxLines > 1 || !results.missed.isFull || (format !== null && invert);
  }

  /** Counts a line as most are, of which no more is wanted; false: it is not like that. */
  #countPlain({ findings, ignored, prefGroups }: LineReport): boolean {
    const { results, format, keepDetails, checkAll } = this.#o;
    if (findings.length !== 1 || ignored.length > 0 || prefGroups !== null) return false;
    if (format !== null || keepDetails || !checkAll) return false;
    const { verdict, hasIdentifier, regex } = findings[0]!;
    if (verdict === "pending" || !hasIdentifier) return false;
    const list = verdict === "failure" ? results.matched : results.ignored;
    if (!list.isFull) return false;
    results.failRegexes[regex]!.hits++;
    list.count++;
    return true;
  }

  /** @param text makes the line's text, which is seldom needed */
  #count(text: () => string, report: LineReport, addresses: Addresses): void {
    const { results, format } = this.#o;
    const hits = this.#hitsOf(report, addresses);
    this.#keepPrefix(report);
    for (const { regex } of report.ignored) results.ignoreRegexes[regex]!.hits++;
    this.#countHits(hits);
    const isIgnored = report.ignored.length > 0 || hits.some(({ finding }) => finding.verdict === "nofail");
    if (isIgnored) results.ignored.add(() => listed(text(), report));
    else if (hits.length === 0) this.#miss(text(), report);
    else {
      if (this.#o.filter.maxLines > 1) this.#takeBackMissed(text(), hits);
      results.matched.add(() => listed(text(), report));
      if (!format || this.#o.invert) return;
      for (const { id, finding } of hits) for (const line of format({ id, finding })) this.#o.print(line);
    }
  }

  #miss(line: string, report: LineReport | null): void {
    const { results, format, invert } = this.#o;
    results.missed.add(() => listed(line, report));
    if (format && invert) this.#printMissed(format, line, report);
  }

  #keepPrefix({ prefGroups }: LineReport): void {
    const { results, keepDetails } = this.#o;
    if (prefGroups && keepDetails && results.prefDetails.length < PREF_DETAILS)
      results.prefDetails.push(reprGroups(prefGroups));
  }

  #countHits(hits: readonly Hit[]): void {
    for (const [index, { finding, id }] of hits.entries()) {
      const result = this.#o.results.failRegexes[finding.regex]!;
      result.hits++;
      if (!this.#o.keepDetails) continue;
      const time = finding.time ?? this.#o.clock.now();
      result.details.push({ id: id?.text ?? "None", time, isRepeated: index > 1 });
    }
  }

  /** What the line's findings amount to under the options of this test. */
  #hitsOf({ findings }: LineReport, addresses: Addresses): Hit[] {
    const hits: Hit[] = [];
    for (const finding of findings) {
      if (finding.verdict === "nofail" && (!this.#o.checkAll || this.#o.format)) continue;
      if (finding.verdict === "pending") {
        if (!this.#o.format) hits.push({ finding, id: null });
        continue;
      }
      const ids = identifiersOf(finding, addresses);
      if (ids.length === 0 && finding.verdict === "nofail") hits.push({ finding, id: null });
      for (const id of ids) hits.push({ finding, id });
    }
    return hits;
  }

  async #addressesFor(report: LineReport): Promise<Addresses> {
    return needsNames(report) ? this.#resolveAll(report) : NO_ADDRESSES;
  }

  async #resolveAll({ findings }: LineReport): Promise<Addresses> {
    const addresses = new Map<string, readonly Identifier[]>();
    for (const { subject } of findings) {
      if (!subject || "id" in subject || addresses.has(subject.hostName)) continue;
      addresses.set(subject.hostName, await this.#o.resolve(subject.hostName));
    }
    return addresses;
  }

  /** Lines that were missed may have been the begin of a match over several lines. */
  #takeBackMissed(line: string, hits: readonly Hit[]): void {
    const { results } = this.#o;
    for (const { finding } of hits) {
      for (const text of matchesOf(finding.data).map(lineText)) {
        const earlier = text === line ? null : results.missed.takeBack(text);
        if (earlier) results.matched.addAgain(earlier);
      }
    }
  }

  #printMissed(format: OutputFormat, line: string, report: LineReport | null): void {
    const parts = report?.line.parts ?? ["", "", line];
    const time = report?.line.time ?? this.#o.filter.timeOf(line);
    const data = { matches: [parts] };
    for (const text of format({ id: null, finding: { time, timeIsInteger: false, data } }))
      this.#o.print(text);
  }
}

/** A line as it is kept: without the block that it came from. */
function listed(line: string, report: LineReport | null): ListedLine {
  const text = ownText(line);
  if (report === null) return { text, searched: text };
  const [before, , after] = report.line.parts;
  return { text, searched: ownText(before + after) };
}

/** Tells of the lines of a block of which nothing was reported. */
class Missed {
  readonly #block: string;
  readonly #onLine: (line: string) => void;
  /** Where the first line begins of which it is not known whether it was missed. */
  #position = 0;
  told = 0;

  constructor(block: string, onLine: (line: string) => void) {
    this.#block = block;
    this.#onLine = onLine;
  }

  /** @param reported where the next line begins of which something was reported, or the end of the block */
  tellBefore(reported: number): void {
    let start = this.#position;
    while (start < reported) {
      const end = endOfLine(this.#block, start);
      if (!isLeftOut(this.#block, start, end)) {
        this.told++;
        this.#onLine(this.#block.slice(start, end));
      }
      start = this.#behind(start);
    }
    this.#position = start < this.#block.length ? this.#behind(start) : start;
  }

  /** Where the line behind the one at `start` begins. */
  #behind(start: number): number {
    return this.#block.indexOf("\n", start) + 1 || this.#block.length;
  }
}

/** Host names → their addresses. */
type Addresses = ReadonlyMap<string, readonly Identifier[]>;
const NO_ADDRESSES: Addresses = new Map();

function needsNames({ findings }: LineReport): boolean {
  return findings.some(({ hasIdentifier, subject }) => !hasIdentifier && subject !== null);
}

function identifiersOf({ subject }: Finding, addresses: Addresses): readonly Identifier[] {
  if (!subject) return [];
  return "id" in subject ? [subject.id] : (addresses.get(subject.hostName) ?? []);
}
