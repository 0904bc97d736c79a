import { str } from "../pyvalue/repr.ts";
import { PyTuple, type PyValue } from "../pyvalue/value.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

interface Row {
  readonly jail: string;
  readonly backend: string;
  readonly failed: readonly [current: string, total: string];
  readonly banned: readonly [current: string, total: string];
}

/** The characters that a table is drawn with. */
interface Pen {
  readonly column: string;
  readonly subcolumn: string;
  readonly rule: string;
  readonly subrule: string;
  readonly crossing: string;
  readonly subcrossingLeft: string;
  readonly subcrossing: string;
  readonly foot: string;
}

const BOX: Pen = {
  column: "║",
  subcolumn: "│",
  rule: "═",
  subrule: "─",
  crossing: "╬",
  subcrossingLeft: "╟",
  subcrossing: "╫",
  foot: "╩",
};
const ASCII: Pen = {
  column: "|",
  subcolumn: "|",
  rule: "-",
  subrule: "-",
  crossing: "x",
  subcrossingLeft: "|",
  subcrossing: "x",
  foot: "-",
};

/**
 * The table that `stats` prints.
 *
 * @param answer dictionary of jail names with `[backend, (failed, failed in total), (banned, banned in total)]`
 * @param utf8 whether the output can show box characters
 */
export function statsTable(answer: PyValue, utf8: boolean): string {
  if (!(answer instanceof Map)) throw new UnexpectedAnswer();
  if (answer.size === 0) return "No jails found.";
  return draw(
    [...answer].map(([jail, stats]) => rowOf(str(jail), stats)),
    utf8 ? BOX : ASCII,
  );
}

/** The same for the answer to `status JAIL stats`. */
export function jailStatsTable(jail: string, stats: PyValue, utf8: boolean): string {
  return draw([rowOf(jail, stats)], utf8 ? BOX : ASCII);
}

function rowOf(jail: string, stats: PyValue): Row {
  if (!Array.isArray(stats) || stats.length < 3) throw new UnexpectedAnswer();
  return { jail, backend: str(stats[0] ?? null), failed: pair(stats[1]), banned: pair(stats[2]) };
}

function pair(value: PyValue | undefined): [string, string] {
  const items = value instanceof PyTuple ? value.items : Array.isArray(value) ? value : [];
  const [current, total] = items;
  if (current === undefined || total === undefined) throw new UnexpectedAnswer();
  return [str(current), str(total)];
}

function draw(rows: readonly Row[], pen: Pen): string {
  const width = (minimum: number, texts: string[]) => Math.max(minimum, ...texts.map((text) => text.length));
  const jail = width(
    8,
    rows.map((row) => row.jail),
  );
  const backend = width(
    8,
    rows.map((row) => row.backend),
  );
  const failed = [0, 1].map((i) =>
    width(
      3,
      rows.map((row) => row.failed[i] ?? ""),
    ),
  );
  const banned = [0, 1].map((i) =>
    width(
      3,
      rows.map((row) => row.banned[i] ?? ""),
    ),
  );
  const span = (widths: number[]) => (widths[0] ?? 0) + 3 + (widths[1] ?? 0);
  const cells = (values: readonly string[], widths: number[]) =>
    values.map((value, i) => value.padStart(widths[i] ?? 0)).join(` ${pen.subcolumn} `);
  const line = (a: string, b: string, c: string, d: string) =>
    ` ${a.padEnd(jail)} ${pen.column} ${b.padEnd(backend)} ${pen.column} ${c.padEnd(span(failed))} ${pen.column} ${d}`;
  const rule = (crossing: string) =>
    [jail, backend, span(failed), span(banned)].map((size) => pen.rule.repeat(size + 2)).join(crossing);
  const subrule = [span(failed), span(banned)]
    .map((size) => pen.subrule.repeat(size + 2))
    .join(pen.subcrossing);
  const titles = ["cur", "tot"];
  return [
    line("", "", "Filter", "Actions".padEnd(span(banned))),
    ` ${"Jail".padEnd(jail)} ${pen.column} ${"Backend".padEnd(backend)} ${pen.subcrossingLeft}${subrule}`,
    line("", "", cells(titles, failed), cells(titles, banned)),
    rule(pen.crossing),
    ...rows.map((row) => line(row.jail, row.backend, cells(row.failed, failed), cells(row.banned, banned))),
    rule(pen.foot),
  ].join("\n");
}
