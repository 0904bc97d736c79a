import type { Attempt } from "../detect/attempt.ts";
import type { FailureValue } from "../detect/failure.ts";
import type { DateExplanation, LineExplanation, Verdict } from "../detect/line-explainer.ts";
import { columns, marked, shortened, wrapped } from "./shown-text.ts";

/** Columns of a terminal that everybody has. */
const WIDTH = 80;
const INDENT = "    ";
/** Longer lines are cut in the middle of the explanation, and shown around the place that matters. */
const MOST_ROWS = 6;

/** What happened to a line, step by step, for people. */
export function explanationText(explanation: LineExplanation): string[] {
  const { line, text, prefregex, content, failregex, ignoreregex, verdict } = explanation;
  const seen = content ?? text;
  const isAsked = verdict.result !== "missed";
  return [
    ...rows(line, "  "),
    "",
    ...dateSteps(explanation.date, line),
    ...(text === line ? [] : field("  expressions see", text)),
    ...(prefregex ? attemptSteps("prefregex", prefregex, text) : []),
    ...(content === null ? [] : field("  failregexes see", content)),
    ...failregex.flatMap((attempt) => attemptSteps(`failregex ${attempt.number}`, attempt, seen)),
    ...(isAsked ? ignoreregex : []).flatMap((attempt) =>
      attemptSteps(`ignoreregex ${attempt.number}`, attempt, seen),
    ),
    ...verdictSteps(verdict),
    ...(verdict.result === "missed" ? nearest(failregex) : []),
    "",
  ];
}

function dateSteps(date: DateExplanation, line: string): string[] {
  const { template, pattern, found, time, problem, stopped } = date;
  if (template === null && time !== null && found)
    return [`date: ${found.text.trim()}, as the journal tells`];
  if (!found || template === null) {
    const tried = stopped.flatMap(({ template: name, textAt }) => [
      `${INDENT}${shortened(name, WIDTH - INDENT.length)} fits up to here:`,
      ...markedRows(line, textAt),
    ]);
    return [`date: ${problem}`, ...tried];
  }
  return [
    `date: ${shortened(found.text, 40)}, ${placeText(found.start, found.end)}`,
    time === null ? `  but ${problem}` : `  that is ${timeText(time)}`,
    ...field("  found by", template),
    ...(pattern === null || pattern === template ? [] : field("  pattern", pattern)),
  ];
}

function placeText(start: number, end: number): string {
  return start === 0 ? "at the start" : `at characters ${start + 1} to ${end}`;
}

function attemptSteps(name: string, { regex, result, match, stopped }: Attempt, text: string): string[] {
  if (result === "took too long")
    return [`${name}: takes too long for this line and is given up`, ...rows(regex, INDENT)];
  if (match) {
    const place = match.end - match.start >= text.length ? "" : `, ${extent(text, match.start, match.end)}`;
    return [`${name}: matches${place}`, ...rows(regex, INDENT), ...groupRows(match.groups)];
  }
  if (!stopped) return [`${name}: does not match`, ...rows(regex, INDENT)];
  if (stopped.textAt === 0) {
    const begin = `${name}: does not even begin to match: `;
    return [begin + shortened(regex, WIDTH - columns(begin))];
  }
  return [
    `${name}: does not match; up to the marks it does`,
    ...markedRows(regex, stopped.regexAt),
    ...markedRows(text, Math.min(stopped.textAt, text.length), wantedText(stopped.wanted)),
  ];
}

function extent(text: string, start: number, end: number): string {
  return end >= text.length ? `from character ${start + 1} on` : `characters ${start + 1} to ${end}`;
}

function wantedText(wanted: string): string {
  if (wanted === "$" || wanted === "\\Z") return "the end of the line must follow";
  return wanted === "" ? "" : `"${shortened(wanted, 40)}" must follow`;
}

/** Which of several expressions came furthest. */
function nearest(attempts: readonly Attempt[]): string[] {
  const reach = (attempt: Attempt) => attempt.stopped?.textAt ?? 0;
  const best = attempts.reduce<Attempt | null>((a, b) => (a && reach(a) >= reach(b) ? a : b), null);
  if (!best || reach(best) === 0 || attempts.length === 1) return [];
  return [`${INDENT}failregex ${best.number} came nearest, up to character ${reach(best)}`];
}

function verdictSteps({ result, by, id, isHostName, time, fields }: Verdict): string[] {
  const when = time === null ? "at a time that the line does not tell" : `at ${timeText(time)}`;
  const whom = isHostName ? `the addresses of ${id}` : id;
  switch (result) {
    case "missed":
      return ["verdict: no failure"];
    case "ignored":
      return [`verdict: ignored because of ignoreregex ${by}`];
    case "nofail":
      return [
        `verdict: no failure by itself (failregex ${by}), remembered for its session`,
        ...groupRows(fields),
      ];
    case "pending":
      return [
        `verdict: a failure (failregex ${by}), but nobody knows yet whose; remembered for`,
        "         its session",
        ...groupRows(fields),
      ];
    case "nobody":
      return [`verdict: failregex ${by} matches, but does not tell who failed`, ...groupRows(fields)];
    case "failure":
      return [
        `verdict: failure of ${shortened(whom ?? "", 45)} (failregex ${by})`,
        `${INDENT}${when}`,
        ...groupRows(fields),
      ];
  }
}

/** What groups captured, one a row; what is shown elsewhere is left out. */
function groupRows(groups: Readonly<Record<string, FailureValue>>): string[] {
  const shown = Object.entries(groups).filter(([name, value]) => name !== "matches" && value !== null);
  const widest = Math.max(0, ...shown.map(([name]) => columns(name)));
  return shown.map(([name, value]) => {
    const begin = `${INDENT}${name.padEnd(widest)}  `;
    return begin + shortened(plain(value), WIDTH - columns(begin));
  });
}

function plain(value: FailureValue): string {
  if (typeof value === "string") return value;
  const items = value instanceof Set ? [...value] : (value ?? []);
  return items.map((item) => String(item)).join(", ");
}

function field(name: string, value: string): string[] {
  return [`${name}:`, ...rows(value, INDENT)];
}

/** A text on as many rows as it needs; of a very long one the beginning. */
function rows(text: string, indent: string): string[] {
  const width = WIDTH - indent.length;
  // Only as much of it as can be shown, since lines may be megabytes long.
  const all = wrapped(text.slice(0, MOST_ROWS * width + 1), width);
  const shown = all.length > MOST_ROWS ? [...all.slice(0, MOST_ROWS), `… (${text.length} characters)`] : all;
  return shown.map((row) => indent + row);
}

/** The text around a place, with a mark below it and what there is to say of it. */
function markedRows(text: string, place: number, remark = ""): string[] {
  const width = WIDTH - INDENT.length;
  const { text: shown, mark } = marked(text, place, width);
  const begin = `${INDENT}${shown}`;
  if (remark === "") return [begin, INDENT + mark];
  const beside = `${mark} ${remark}`;
  if (columns(beside) <= width) return [begin, INDENT + beside];
  const indent = " ".repeat(Math.max(0, width - columns(remark)));
  return [begin, INDENT + mark, `${INDENT}${indent}${remark}`];
}

function timeText(time: number): string {
  const date = new Date(time * 1000);
  if (Number.isNaN(date.getTime())) return String(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${clock} (${time})`;
}
