import { typeError } from "../pyvalue/errors.ts";

/** What a `%` token of a date pattern stands for. */
interface Token {
  /** What it accepts, as an expression of Python's dialect with one named group for the field. */
  readonly regex: string;
  /** What stands for it in the displayed name of a pattern. */
  readonly label: string;
}

const DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const MONTH_NAMES = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
] as const;

/** Groups whose names matter: their first three letters say which day or month it is. */
function names(group: string, words: readonly string[]): string {
  return `(?P<${group}>${words.join("|")})`;
}

function short(words: readonly string[]): string[] {
  return words.map((word) => word.slice(0, 3));
}

const HOUR_12 = "(?P<I>1[0-2]|0?[1-9])";
const OFFSET = "[+-][01]\\d(?::?\\d{2})?";
const ZONE_LETTERS = "(?:[A-Z]{3,5}|[A-Z])";

/**
 * The tokens. Where a field may have one or two digits, the order of the alternatives decides how digits
 * without anything between them are shared out: `%Y%m%d` reads `20241105` as 10 January.
 */
const TOKENS: Readonly<Record<string, Token>> = {
  a: { regex: names("a", short(DAY_NAMES)), label: "DAY" },
  A: { regex: names("A", DAY_NAMES), label: "DAYNAME" },
  b: { regex: names("b", short(MONTH_NAMES)), label: "MON" },
  B: { regex: names("B", MONTH_NAMES), label: "MONTH" },
  d: { regex: "(?P<d>[12]\\d|[ 0]?[1-9]|3[01])", label: "Day" },
  Exd: { regex: "(?P<d>0[1-9]|[12]\\d|3[01])", label: "ExDay" },
  f: { regex: "(?P<f>\\d{1,6})", label: "Microseconds" },
  G: { regex: "(?P<G>\\d{4})", label: "%G" },
  H: { regex: "(?P<H>[01]?\\d|2[0-3])", label: "24hour" },
  ExH: { regex: "(?P<H>[01]\\d|2[0-3])", label: "Ex24hour" },
  I: { regex: HOUR_12, label: "12hour" },
  j: { regex: "(?P<j>36[0-6]|3[0-5]\\d|[12]\\d\\d|0?[1-9]\\d|0{0,2}[1-9])", label: "Yearday" },
  k: { regex: " ?(?P<H>[0-2]?\\d)", label: "%k" },
  Exk: { regex: " ?(?P<H>2[0-3]|[01]?\\d)", label: "%Exk" },
  l: { regex: " ?(?P<I>1?\\d)", label: "%l" },
  Exl: { regex: " ?(?P<I>1[0-2]|\\d)", label: "%Exl" },
  m: { regex: "(?P<m>0?[1-9]|1[0-2])", label: "Month" },
  Exm: { regex: "(?P<m>0[1-9]|1[0-2])", label: "ExMonth" },
  M: { regex: "(?P<M>[0-5]?\\d)", label: "Minute" },
  ExM: { regex: "(?P<M>[0-5]\\d)", label: "ExMinute" },
  p: { regex: "(?P<p>am|pm)", label: "AMPM" },
  S: { regex: "(?P<S>[0-5]?\\d|6[01])", label: "Second" },
  ExS: { regex: "(?P<S>[0-5]\\d|6[01])", label: "ExSecond" },
  u: { regex: "(?P<u>[1-7])", label: "%u" },
  U: { regex: "(?P<U>5[0-3]|[0-4]?\\d)", label: "Yearweek" },
  V: { regex: "(?P<V>5[0-3]|0[1-9]|[1-4]\\d|\\d)", label: "%V" },
  w: { regex: "(?P<w>[0-6])", label: "Weekday" },
  W: { regex: "(?P<W>5[0-3]|[0-4]?\\d)", label: "Yearweek" },
  y: { regex: "(?P<y>\\d{2})", label: "Year2" },
  Exy: { regex: "(?P<y>\\d{2})", label: "ExYear2" },
  Y: { regex: "(?P<Y>\\d{4})", label: "Year" },
  ExY: { regex: `(?P<Y>(?:${plausibleDecades().join("|")})\\d)`, label: "ExYear" },
  z: { regex: `(?P<z>Z|UTC|GMT|${OFFSET})`, label: "Zone offset" },
  Exz: { regex: `(?P<z>${ZONE_LETTERS}?${OFFSET}|${ZONE_LETTERS})`, label: "ExZone offset" },
  Z: { regex: "(?P<Z>[A-Z]{3,5}|Z)", label: "Zone name" },
  ExZ: { regex: `(?P<Z>${ZONE_LETTERS})`, label: "ExZone name" },
  // The dates of the C locale, as they are written by ctime() and friends.
  c: { regex: composite("%a\\s+%b\\s+%d\\s+%H:%M:%S\\s+%Y"), label: "%c" },
  x: { regex: composite("%m/%d/%y"), label: "%x" },
  X: { regex: composite("%H:%M:%S"), label: "%X" },
};

function composite(pattern: string): string {
  const simple: Record<string, string> = {
    a: names("a", short(DAY_NAMES)),
    b: names("b", short(MONTH_NAMES)),
    d: "(?P<d>[12]\\d|[ 0]?[1-9]|3[01])",
    H: "(?P<H>[01]?\\d|2[0-3])",
    m: "(?P<m>0?[1-9]|1[0-2])",
    M: "(?P<M>[0-5]?\\d)",
    S: "(?P<S>[0-5]?\\d|6[01])",
    y: "(?P<y>\\d{2})",
    Y: "(?P<Y>\\d{4})",
  };
  return pattern.replace(/%(\w)/g, (_, letter: string) => simple[letter] ?? "");
}

/**
 * The first three digits of the years that `%ExY` takes for the year of a log line: the decades from 2000 to
 * the one that comes in three years. It keeps other numbers of four digits from being taken for years.
 */
export function plausibleDecades(): string[] {
  // A machine without a battery for its clock may start in 1970 and must read its logs nevertheless.
  const year = Math.max(new Date().getFullYear(), 2026);
  const decades: string[] = [];
  for (let decade = 200; decade <= Math.floor((year + 3) / 10); decade++) decades.push(String(decade));
  return decades;
}

/** Letters whose presence makes the whole pattern ignore case. */
const IGNORING_CASE = new Set(["a", "A", "b", "B", "p", "c"]);

/** A date pattern with its tokens replaced. */
export interface Expanded {
  /** Expression of Python's dialect. */
  readonly regex: string;
  /** The displayed name. */
  readonly name: string;
  readonly ignoreCase: boolean;
}

/**
 * Replaces the `%` tokens of a date pattern.
 *
 * @throws {PyError} a `TypeError` when a percent sign begins no token
 */
export function expandTokens(pattern: string): Expanded {
  let regex = "";
  let name = "";
  let ignoreCase = false;
  let seen = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char !== "%") {
      regex += char;
      name += char;
      continue;
    }
    const key = tokenAt(pattern, at + 1);
    if (key === null) throw badToken(pattern, at, seen);
    const token = key === "%" ? { regex: "%", label: "%" } : TOKENS[key]!;
    regex += token.regex;
    name += token.label;
    ignoreCase ||= IGNORING_CASE.has(key);
    seen ||= key !== "%";
    at += key.length;
  }
  return { regex, name, ignoreCase };
}

function tokenAt(pattern: string, at: number): string | null {
  const long = pattern.slice(at, at + 3);
  if (long.startsWith("Ex") && Object.hasOwn(TOKENS, long)) return long;
  const letter = pattern.charAt(at);
  return letter === "%" || Object.hasOwn(TOKENS, letter) ? letter : null;
}

function badToken(pattern: string, at: number, afterToken: boolean): Error {
  const char = pattern.slice(at + 1, at + 2);
  const code = `0x${char.charCodeAt(0).toString(16)}`;
  let reason = `unsupported format character '${char}' (${code}) at index ${at + 1}`;
  if (char === "") reason = "incomplete format";
  else if (afterToken) reason = "not enough arguments for format string";
  const hint = "(may be an invalid format or unescaped percent char)";
  return typeError(`Failed to set datepattern '${pattern}' ${hint}: ${reason}`);
}
