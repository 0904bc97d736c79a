import type { TemplateStatus } from "../time/date-detector.ts";
import type { TesterOptions } from "./options.ts";
import type { ExpressionResult, LineList, ListedLine, TestResults } from "./results.ts";

/** What the final report is made of. */
export interface ReportInput {
  readonly options: TesterOptions;
  readonly results: TestResults;
  /** The prefregex with its tags replaced; empty: none. */
  readonly prefRegex: string;
  /** The failregexes and ignoreregexes with their tags replaced, for links. */
  readonly expanded: { readonly fail: readonly string[]; readonly ignore: readonly string[] };
  /** `null`: dates were not looked for. */
  readonly templates: readonly TemplateStatus[] | null;
  /** How many lines the expressions see at a time. */
  readonly maxLines: number;
  /** Duration of the test in seconds. */
  readonly seconds: number;
}

/** Lists shorter than this are printed without being asked for. */
export const LIST_LIMIT = 20;
/** The prefregex's captures that are shown. */
export const PREF_DETAILS = 20;

/** The final report, as lines. */
export function makeReport(input: ReportInput): string[] {
  const { results } = input;
  return [
    "",
    "Results",
    "=======",
    ...prefRegexSection(input),
    ...expressionSection("Failregex", results.failRegexes, input.options.verbosity > 0),
    ...expressionSection("Ignoreregex", results.ignoreRegexes, input.options.verbosity > 0),
    ...dateSection(input),
    "",
    `Lines: ${results.tested} lines, ${results.ignored.count} ignored, ${results.matched.count} matched, ${results.missed.count} missed`,
    `[processed in ${input.seconds.toFixed(2)} sec]`,
    "",
    ...lineSections(input),
  ];
}

function prefRegexSection({ options, results, prefRegex }: ReportInput): string[] {
  if (prefRegex === "") return [];
  const details = options.verbosity > 0 ? results.prefDetails.map((groups) => `|      ${groups}`) : [];
  const more = options.verbosity > 0 && results.prefHits > PREF_DETAILS ? ["|      ..."] : [];
  return ["", `Prefregex: ${results.prefHits} total`, `|  ${prefRegex}`, ...details, ...more, "`-"];
}

function expressionSection(
  title: string,
  expressions: readonly ExpressionResult[],
  isVerbose: boolean,
): string[] {
  const total = expressions.reduce((sum, { hits }) => sum + hits, 0);
  const lines: string[] = [];
  for (const [index, { written, hits, details }] of expressions.entries()) {
    if (hits === 0 && !isVerbose) continue;
    lines.push(`|  ${String(index + 1).padStart(2)}) [${hits}] ${written}`);
    if (!isVerbose) continue;
    for (const { id, time, isRepeated } of details) {
      lines.push(`|      ${id}  ${dateText(time)}${isRepeated ? " (multiple regex matched)" : ""}`);
    }
  }
  return ["", `${title}: ${total} total`, ...framed("|-  #) [# of hits] regular expression", lines)];
}

function dateSection({ options, templates }: ReportInput): string[] {
  if (templates === null) return [];
  const lines: string[] = [];
  for (const { name, pattern, regex, hits, weight, baseWeight } of templates) {
    if (hits === 0 && options.verbosity === 0) continue;
    lines.push(`|  [${hits}] ${name}`);
    if (!options.verboseDates) continue;
    lines.push(`|      # weight: ${weight.toFixed(3)} (${baseWeight.toFixed(3)}), pattern: ${pattern ?? ""}`);
    lines.push(`|      # regex:   ${regex}`);
  }
  return ["", "Date template hits:", ...framed("|- [# of hits] date format", lines)];
}

function framed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines, "`-"];
}

function lineSections(input: ReportInput): string[] {
  const { options, results, expanded } = input;
  return [
    ...(options.printAllMatched ? lineSection("Matched", results.matched, true, expanded.fail, input) : []),
    ...(options.printNoIgnored
      ? []
      : lineSection("Ignored", results.ignored, options.printAllIgnored, expanded.ignore, input)),
    ...(options.printNoMissed
      ? []
      : lineSection("Missed", results.missed, options.printAllMissed, expanded.fail, input)),
  ];
}

function lineSection(
  kind: "Matched" | "Ignored" | "Missed",
  list: LineList,
  printAll: boolean,
  expressions: readonly string[],
  input: ReportInput,
): string[] {
  const title = `${kind} line(s):`;
  if (list.count === 0) return [];
  if (list.count >= (input.options.maxLines ?? LIST_LIMIT) && !printAll) {
    const option = `--print-all-${kind.toLowerCase()}`;
    return [`${title} too many to print.  Use ${option} to print all ${list.count} lines`];
  }
  const lines = list.lines.flatMap((line) =>
    input.options.debuggex ? linkedLines(line, kind, expressions, input) : [`|  ${line.text.trimEnd()}`],
  );
  return [`|- ${title}`, ...lines, "`-"];
}

/** The line with each of the expressions and a link that shows the two together. */
function linkedLines(
  line: ListedLine,
  kind: "Matched" | "Ignored" | "Missed",
  expressions: readonly string[],
  { results, maxLines }: ReportInput,
): string[] {
  const written = (kind === "Ignored" ? results.ignoreRegexes : results.failRegexes).map((e) => e.written);
  const text = maxLines > 1 ? line.searched : line.text;
  return expressions.map((expression, i) => {
    const query = new URLSearchParams({ re: expression, str: text, flavor: "python" });
    if (maxLines > 1) query.set("flags", "m");
    return `|  ${text} | ${written[i]} |  https://www.debuggex.com/?${query}`;
  });
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Thu May 23 21:59:50 2024`, local time. */
function dateText(time: number): string {
  const date = new Date(Math.floor(time) * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())} ${clock} ${date.getFullYear()}`;
}
