import type { ReportInput } from "./report.ts";
import type { ExpressionResult, LineList } from "./results.ts";

/** The final report as one JSON object, for programs. */
export function jsonReport({ options, results, prefRegex, templates, seconds }: ReportInput): string {
  const report = {
    lines: {
      tested: results.tested,
      ignored: results.ignored.count,
      matched: results.matched.count,
      missed: results.missed.count,
    },
    prefregex: prefRegex === "" ? null : { regex: prefRegex, hits: results.prefHits },
    failregex: results.failRegexes.map(expression),
    ignoreregex: results.ignoreRegexes.map(expression),
    dates: (templates ?? [])
      .filter(({ hits }) => hits > 0)
      .map(({ name, pattern, hits }) => ({ name, pattern, hits })),
    seconds: Number(seconds.toFixed(3)),
    ...(options.printAllMatched ? { matched: texts(results.matched) } : {}),
    ...(options.printAllIgnored ? { ignored: texts(results.ignored) } : {}),
    ...(options.printAllMissed ? { missed: texts(results.missed) } : {}),
  };
  return JSON.stringify(report, null, 2);
}

/** With `-v` each hit is listed. */
function expression({ written, hits, details }: ExpressionResult, index: number): object {
  const all = details.map(({ id, time }) => ({ id, time }));
  return { number: index + 1, regex: written, hits, ...(all.length > 0 ? { found: all } : {}) };
}

function texts(list: LineList): string[] {
  return list.lines.map(({ text }) => text);
}
