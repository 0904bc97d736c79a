import { lineText, matchesOf } from "../detect/failure.ts";
import type { Filter, Finding, LineReport } from "../detect/filter.ts";
import type { LineParts } from "../detect/line-buffer.ts";
import type { Identifier } from "../net/identifier.ts";
import type { Clock } from "../time/clock.ts";
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
export class LineTester {
  readonly #o: LineTesterOptions;

  constructor(options: LineTesterOptions) {
    this.#o = options;
  }

  /** Tests lines, without their ends. Empty lines and comments are passed over. */
  async test(lines: readonly string[]): Promise<void> {
    const tested = lines.filter((line) => line !== "" && !line.startsWith("#"));
    const reports = new Map<number, LineReport>();
    this.#o.filter.examineLines(tested, { inOperation: false }, (index, report) =>
      reports.set(index, report),
    );
    for (const [index, line] of tested.entries()) {
      this.#o.results.tested++;
      await this.#count(line, reports.get(index) ?? null);
    }
  }

  async #count(line: string, report: LineReport | null): Promise<void> {
    const { results, format } = this.#o;
    const hits = report ? await this.#hitsOf(report) : [];
    if (report) this.#countPrefix(report);
    for (const { regex } of report?.ignored ?? []) results.ignoreRegexes[regex]!.hits++;
    this.#countHits(hits);
    const listed = { text: line, searched: report ? searched(report.line.parts) : line };
    const isIgnored =
      (report?.ignored.length ?? 0) > 0 || hits.some(({ finding }) => finding.verdict === "nofail");
    if (isIgnored) results.ignored.add(listed);
    else if (hits.length > 0) this.#addMatched(listed, hits);
    else results.missed.add(listed);
    if (!format || isIgnored) return;
    if (this.#o.invert) {
      if (hits.length === 0) this.#printMissed(format, line, report);
    } else {
      for (const { id, finding } of hits) for (const text of format({ id, finding })) this.#o.print(text);
    }
  }

  #countPrefix({ prefGroups }: LineReport): void {
    if (!prefGroups) return;
    const { results, keepDetails } = this.#o;
    results.prefHits++;
    if (keepDetails && results.prefDetails.length < PREF_DETAILS)
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
  async #hitsOf({ findings }: LineReport): Promise<Hit[]> {
    const hits: Hit[] = [];
    for (const finding of findings) {
      if (finding.verdict === "nofail" && (!this.#o.checkAll || this.#o.format)) continue;
      if (finding.verdict === "pending") {
        if (!this.#o.format) hits.push({ finding, id: null });
        continue;
      }
      const ids = await this.#identifiersOf(finding);
      if (ids.length === 0 && finding.verdict === "nofail") hits.push({ finding, id: null });
      for (const id of ids) hits.push({ finding, id });
    }
    return hits;
  }

  async #identifiersOf({ subject }: Finding): Promise<readonly Identifier[]> {
    if (!subject) return [];
    return "id" in subject ? [subject.id] : this.#o.resolve(subject.hostName);
  }

  #addMatched(line: ListedLine, hits: readonly Hit[]): void {
    const { results } = this.#o;
    if (this.#o.filter.maxLines > 1) {
      for (const { finding } of hits) {
        for (const text of matchesOf(finding.data).map(lineText)) {
          const earlier = text === line.text ? null : results.missed.takeBack(text);
          if (earlier) results.matched.add(earlier);
        }
      }
    }
    results.matched.add(line);
  }

  #printMissed(format: OutputFormat, line: string, report: LineReport | null): void {
    const parts = report?.line.parts ?? ["", "", line];
    const time = report?.line.time ?? this.#o.filter.timeOf(line);
    const data = { matches: [parts] };
    for (const text of format({ id: null, finding: { time, timeIsInteger: false, data } }))
      this.#o.print(text);
  }
}

function searched([before, , after]: LineParts): string {
  return before + after;
}
