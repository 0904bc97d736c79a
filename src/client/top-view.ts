import { str } from "../pyvalue/repr.ts";
import { PyTuple, type PyValue, toNumber } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";

/** What one jail did until now. */
interface JailCounts {
  readonly name: string;
  readonly backend: string;
  readonly failing: number;
  readonly failures: number;
  readonly banned: number;
  readonly bans: number;
}

/** What the server answered at one moment. */
export interface TopSnapshot {
  /** Seconds since 1970 UTC. */
  readonly time: number;
  readonly jails: readonly JailCounts[];
  /** The newest bans, the newest first: time, jail and address. */
  readonly newest: readonly (readonly [time: number, jail: string, id: string])[];
}

/** Reads the answers to `stats` and `history` (`null`: there is none). */
export function snapshotOf(time: number, stats: PyValue, history: PyValue | null): TopSnapshot {
  const jails = stats instanceof Map ? [...stats].map(([name, row]) => countsOf(str(name), row)) : [];
  const bans = Array.isArray(history) ? history.filter((ban) => ban instanceof Map) : [];
  const newest = bans
    .toReversed()
    .map(
      (ban) =>
        [toNumber(ban.get("time") ?? null), str(ban.get("jail") ?? ""), str(ban.get("id") ?? "")] as const,
    );
  return { time, jails, newest };
}

function countsOf(name: string, row: PyValue): JailCounts {
  const [backend, failed, banned] = Array.isArray(row) ? row : [];
  const pair = (value: PyValue | undefined) => (value instanceof PyTuple ? value.items.map(toNumber) : []);
  const [failing = 0, failures = 0] = pair(failed);
  const [now = 0, bans = 0] = pair(banned);
  return { name, backend: str(backend ?? ""), failing, failures, banned: now, bans };
}

const HEADING = ["JAIL", "BACKEND", "FAILING", "FAILURES", "/MIN", "BANNED", "BANS", "/MIN"] as const;
/** Characters for each column after the name of the jail. */
const WIDTHS = [9, 8, 9, 6, 7, 8, 6] as const;
const NAME_WIDTH = 18;
/** Lines that are neither jails nor bans. */
const FRAME_LINES = 6;
const INVERSE = "\x1b[7m";
const BOLD = "\x1b[1m";
const PLAIN = "\x1b[0m";

/**
 * The lines of the screen.
 *
 * @param before the snapshot that rates are counted from; `null`: there are no rates yet
 */
export function drawTop(
  now: TopSnapshot,
  before: TopSnapshot | null,
  screen: { readonly columns: number; readonly rows: number },
): string[] {
  const space = Math.max(2, screen.rows - FRAME_LINES);
  const forBans = Math.min(now.newest.length, Math.max(Math.floor(space / 3), space - now.jails.length));
  const rows = now.jails
    .map((jail) => ({ jail, rates: ratesOf(jail, now, before) }))
    .sort(
      (a, b) =>
        b.rates.bans - a.rates.bans || b.rates.failures - a.rates.failures || b.jail.bans - a.jail.bans,
    );
  const shown = rows.slice(0, space - forBans);
  const sum = (of: (jail: JailCounts) => number) => now.jails.reduce((all, jail) => all + of(jail), 0);
  const hidden = rows.length - shown.length;
  const lines = [
    `${formatLocalTime(now.time)}  ${count(now.jails.length, "jail")}, ${sum((j) => j.banned)} banned; ` +
      `since start ${sum((j) => j.failures)} failures, ${sum((j) => j.bans)} bans`,
    "",
    `${INVERSE}${fit(row(HEADING), screen.columns).padEnd(screen.columns)}${PLAIN}`,
    ...shown.map(({ jail, rates }) => jailLine(jail, rates, screen.columns)),
    hidden > 0 ? `... and ${count(hidden, "jail")} more` : "",
    `${BOLD}Newest bans${PLAIN}`,
    ...now.newest
      .slice(0, forBans)
      .map(([time, jail, id]) => `${formatLocalTime(time)}  ${jail.padEnd(NAME_WIDTH)} ${id}`),
    "q: quit",
  ];
  return lines.map((line) => (line.startsWith("\x1b") ? line : fit(line, screen.columns)));
}

function jailLine(jail: JailCounts, rates: Rates, columns: number): string {
  const { name, backend, failing, failures, banned, bans } = jail;
  const cells = [name, backend, failing, failures, rates.failures, banned, bans, rates.bans].map(String);
  const line = fit(row(cells), columns);
  return rates.bans > 0 ? `${BOLD}${line}${PLAIN}` : line;
}

interface Rates {
  readonly failures: number;
  readonly bans: number;
}

/** How much was counted per minute since the earlier snapshot. */
function ratesOf(jail: JailCounts, now: TopSnapshot, before: TopSnapshot | null): Rates {
  const then = before?.jails.find(({ name }) => name === jail.name);
  const minutes = (now.time - (before?.time ?? now.time)) / 60;
  if (!then || minutes <= 0) return { failures: 0, bans: 0 };
  const rate = (more: number) => Math.max(0, Math.round(more / minutes));
  return { failures: rate(jail.failures - then.failures), bans: rate(jail.bans - then.bans) };
}

function row(cells: readonly string[]): string {
  const [name = "", ...others] = cells;
  const rest = others.map((cell, i) => cell.padStart(WIDTHS[i] ?? 0)).join("");
  return name.slice(0, NAME_WIDTH).padEnd(NAME_WIDTH) + rest;
}

function fit(line: string, columns: number): string {
  return line.length > columns ? `${line.slice(0, columns - 1)}>` : line;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
