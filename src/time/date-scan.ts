import { plausibleDecades } from "./tokens.ts";

/**
 * Recognisers for the two most common forms of dates at the begin of a line. They are an order of magnitude
 * faster than the expressions of their templates, and know less: whatever is not in the plainest form, or could
 * be read in two ways, is left to the expression.
 */

const UNSURE = -1;
const COLON = 0x3a;
const SPACE = 0x20;
const DOT = 0x2e;
const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const SLASH = 0x2f;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const LETTER_U = 0x55;
const LETTER_G = 0x47;

const MONTHS = new Set(
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map((name) =>
    pack(name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2)),
  ),
);
const DECADES = new Set(plausibleDecades().map(Number));

function pack(a: number, b: number, c: number): number {
  return (a << 16) | (b << 8) | c;
}

/** The digit at a place of the line, or a number of 10 or more (or NaN) when there is none. */
function digit(line: string, at: number): number {
  const value = line.charCodeAt(at) - 0x30;
  return value >= 0 ? value : Number.NaN;
}

/** `Nov 21 03:40:29` at the begin of the line: where it ends, or -1 when the expression must tell. */
export function scanSyslogDate(line: string): number {
  if (
    !isMonth(line.charCodeAt(0), line.charCodeAt(1), line.charCodeAt(2)) ||
    line.charCodeAt(3) !== SPACE ||
    line.charCodeAt(6) !== SPACE
  )
    return UNSURE;
  const tens = line.charCodeAt(4) === SPACE ? 0 : digit(line, 4);
  const day = tens * 10 + digit(line, 5);
  if (!(digit(line, 5) <= 9 && day >= 1 && day <= 31 && isClock(line, 7))) return UNSURE;
  const next = line.charCodeAt(15);
  if (next === SPACE) return digit(line, 16) <= 9 ? UNSURE : isAsciiOrEnd(line, 16) ? 15 : UNSURE;
  return next === DOT || !endsWord(line, 15) ? UNSURE : 15;
}

function isMonth(a: number, b: number, c: number): boolean {
  return (a | b | c) < 0x80 && MONTHS.has(pack(a | 0x20, b | 0x20, c | 0x20));
}

/** `2005-01-23T21:59:59.981746Z` and its like at the begin of the line: the end, or -1. */
export function scanIsoDate(line: string): number {
  const decade = digit(line, 0) * 100 + digit(line, 1) * 10 + digit(line, 2);
  if (!DECADES.has(decade) || !(digit(line, 1) <= 9 && digit(line, 2) <= 9 && digit(line, 3) <= 9))
    return UNSURE;
  const separator = line.charCodeAt(4);
  if (separator !== MINUS && separator !== SLASH && separator !== DOT) return UNSURE;
  if (line.charCodeAt(7) !== separator) return UNSURE;
  const month = digit(line, 5) * 10 + digit(line, 6);
  const day = digit(line, 8) * 10 + digit(line, 9);
  if (!(digit(line, 6) <= 9 && digit(line, 9) <= 9)) return UNSURE;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return UNSURE;
  const between = line.charCodeAt(10);
  if ((between !== LETTER_T && between !== SPACE) || !isClock(line, 11)) return UNSURE;
  return scanIsoEnd(line);
}

/** `HH:MM:SS`. */
function isClock(line: string, at: number): boolean {
  const hour = digit(line, at) * 10 + digit(line, at + 1);
  return (
    hour <= 23 &&
    digit(line, at + 1) <= 9 &&
    line.charCodeAt(at + 2) === COLON &&
    digit(line, at + 3) <= 5 &&
    digit(line, at + 4) <= 9 &&
    line.charCodeAt(at + 5) === COLON &&
    digit(line, at + 6) <= 5 &&
    digit(line, at + 7) <= 9
  );
}

/** What may follow the seconds: a fraction, a zone. */
function scanIsoEnd(line: string): number {
  let at = 19;
  const point = line.charCodeAt(at);
  if (point === DOT || point === COMMA) {
    let end = at + 1;
    while (digit(line, end) <= 9) end++;
    if (end === at + 1 || end > at + 7) return UNSURE;
    at = end;
  }
  const next = line.charCodeAt(at);
  if (next === SPACE) return mayBeginZone(line, at + 1) ? UNSURE : at;
  if (next === LETTER_Z) return endsWord(line, at + 1) ? at + 1 : UNSURE;
  if (next === PLUS || next === MINUS) return scanOffset(line, at);
  return endsWord(line, at) && next !== 0x09 ? at : UNSURE;
}

/** `+02:00` or `+0200`. */
function scanOffset(line: string, at: number): number {
  if (!(digit(line, at + 1) <= 1 && digit(line, at + 2) <= 9)) return UNSURE;
  const minutes = line.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  if (!(digit(line, minutes) <= 9 && digit(line, minutes + 1) <= 9)) return UNSURE;
  return endsWord(line, minutes + 2) ? minutes + 2 : UNSURE;
}

/** Whether a zone may follow the blank in front of this place. */
function mayBeginZone(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  const isBlank = code <= SPACE;
  const isSign = code === PLUS || code === MINUS;
  return isBlank || isSign || code === LETTER_Z || code === LETTER_U || code === LETTER_G || code > 0x7e;
}

/** Whether here is the end of the line or an ASCII character that belongs to no word. */
function endsWord(line: string, at: number): boolean {
  if (at >= line.length) return true;
  const code = line.charCodeAt(at);
  if (code > 0x7e || (code >= 0x30 && code <= 0x39) || code === 0x5f || code < SPACE) return false;
  const letter = code | 0x20;
  return !(letter >= 0x61 && letter <= 0x7a);
}

function isAsciiOrEnd(line: string, at: number): boolean {
  return at >= line.length || line.charCodeAt(at) < 0x7f;
}
