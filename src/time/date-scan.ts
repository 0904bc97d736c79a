import type { DateFields } from "./date-fields.ts";
import { plausibleDecades } from "./tokens.ts";

/**
 * Recognises the plainest form of a date at a place in a line where the date must begin. It is an order of magnitude
 * faster than the expression of its template, and knows less: whatever could be read in two ways is left to the
 * expression, which it must never contradict.
 */
export interface DateScanner {
  /** Where the date ends that begins at `at`, or -1 when only the expression can tell. */
  readonly end: (line: string, at: number) => number;
  /** Where, in a date from `at` to `end`, the part after the seconds begins that matters: a zone; else `end`. */
  readonly zoneStart: (line: string, at: number, end: number) => number;
  /** A number that is the same for the same date and time, zone and fraction apart, and for no other. */
  readonly key: (line: string, at: number) => number;
  /** The fields of a date with this zone. */
  readonly fields: (line: string, at: number, zone: string | null) => DateFields;
}

/** A scanner looks at no character further behind the end of a date than this. */
export const SCANNED_BEHIND = 2;

const UNSURE = -1;
const DAY = 86_400;
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

const MONTHS: ReadonlyMap<number, number> = new Map(
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map((name, i) => [
    pack(name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2)),
    i + 1,
  ]),
);
const DECADES = new Set(plausibleDecades().map(Number));

function pack(a: number, b: number, c: number): number {
  return (a << 16) | (b << 8) | c;
}

/** What {@link digit} returns where there is none; it makes every number that it gets into too large. */
const NO_DIGIT = 1000;

function digit(line: string, at: number): number {
  const code = line.charCodeAt(at);
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : NO_DIGIT;
}

function twoDigits(line: string, at: number): number {
  return digit(line, at) * 10 + digit(line, at + 1);
}

/** `Nov 21 03:40:29` */
export const syslogScanner: DateScanner = {
  end: syslogEnd,
  key: (line, at) => (monthAt(line, at) * 32 + syslogDay(line, at + 4)) * DAY + clockAt(line, at + 7),
  zoneStart: (_line, _at, end) => end,
  fields: (line, at) => ({
    year: null,
    month: monthAt(line, at),
    day: syslogDay(line, at + 4),
    ...clockFields(line, at + 7),
    zone: null,
  }),
};

function syslogEnd(line: string, at: number): number {
  if (monthAt(line, at) === 0 || line.charCodeAt(at + 3) !== SPACE || line.charCodeAt(at + 6) !== SPACE)
    return UNSURE;
  const day = syslogDay(line, at + 4);
  if (day < 1 || day > 31 || !isClock(line, at + 7)) return UNSURE;
  const end = at + 15;
  const next = line.charCodeAt(end);
  // A year may follow, or a fraction.
  if (next === SPACE) return digit(line, end + 1) === NO_DIGIT && isAsciiOrEnd(line, end + 1) ? end : UNSURE;
  return next === DOT || !endsWord(line, end) ? UNSURE : end;
}

/** The month whose short name is here, or 0. */
function monthAt(line: string, at: number): number {
  const a = line.charCodeAt(at);
  const b = line.charCodeAt(at + 1);
  const c = line.charCodeAt(at + 2);
  return (a | b | c) < 0x80 ? (MONTHS.get(pack(a | 0x20, b | 0x20, c | 0x20)) ?? 0) : 0;
}

/** The day of a syslog date, padded with a blank or zero. */
function syslogDay(line: string, at: number): number {
  return line.charCodeAt(at) === SPACE ? digit(line, at + 1) : twoDigits(line, at);
}

/** `2005-01-23T21:59:59`, `2005-01-23 21:59:59,981`, `2005-01-23T21:59:59.981746+01:00` */
export const isoScanner: DateScanner = {
  end: isoEnd,
  key: (line, at) =>
    dayKey(yearAt(line, at), twoDigits(line, at + 5), twoDigits(line, at + 8)) + clockAt(line, at + 11),
  zoneStart: isoZoneStart,
  fields: (line, at, zone) => ({
    year: yearAt(line, at),
    month: twoDigits(line, at + 5),
    day: twoDigits(line, at + 8),
    ...clockFields(line, at + 11),
    zone,
  }),
};

function isoEnd(line: string, at: number): number {
  if (!isYear(line, at)) return UNSURE;
  const separator = line.charCodeAt(at + 4);
  if (separator !== MINUS && separator !== SLASH && separator !== DOT) return UNSURE;
  if (line.charCodeAt(at + 7) !== separator) return UNSURE;
  const month = twoDigits(line, at + 5);
  const day = twoDigits(line, at + 8);
  if (month < 1 || month > 12 || day < 1 || day > 31) return UNSURE;
  const between = line.charCodeAt(at + 10);
  if ((between !== LETTER_T && between !== SPACE) || !isClock(line, at + 11)) return UNSURE;
  return isoTail(line, at + 19);
}

function isoZoneStart(line: string, at: number, end: number): number {
  if (end === at + 19) return end;
  if (line.charCodeAt(end - 1) === LETTER_Z) return end - 1;
  for (const length of [5, 6]) {
    const sign = line.charCodeAt(end - length);
    if (sign === PLUS || sign === MINUS) return end - length;
  }
  return end;
}

/** `21/Nov/2026:10:00:01 +0000`, as web servers write it, `21-Nov-2026 10:00:01.123` */
export const accessScanner: DateScanner = {
  end: accessEnd,
  key: (line, at) =>
    dayKey(yearAt(line, at + 7), monthAt(line, at + 3), twoDigits(line, at)) + clockAt(line, at + 12),
  zoneStart: accessZoneStart,
  fields: (line, at, zone) => ({
    year: yearAt(line, at + 7),
    month: monthAt(line, at + 3),
    day: twoDigits(line, at),
    ...clockFields(line, at + 12),
    zone,
  }),
};

function accessEnd(line: string, at: number): number {
  const day = twoDigits(line, at);
  const separator = line.charCodeAt(at + 2);
  if (day < 1 || day > 31 || (separator !== SLASH && separator !== MINUS)) return UNSURE;
  if (line.charCodeAt(at + 6) !== separator || monthAt(line, at + 3) === 0 || !isYear(line, at + 7))
    return UNSURE;
  const between = line.charCodeAt(at + 11);
  if ((between !== COLON && between !== SPACE) || !isClock(line, at + 12)) return UNSURE;
  const end = line.charCodeAt(at + 20) === DOT ? fractionEnd(line, at + 20) : at + 20;
  if (end < 0) return UNSURE;
  if (line.charCodeAt(end) !== SPACE) return endsWord(line, end) ? end : UNSURE;
  const sign = line.charCodeAt(end + 1);
  if (sign === PLUS || sign === MINUS) return offsetEnd(line, end + 1);
  // The form does not tell capital letters from small ones.
  return mayBeginZone(sign >= 0x61 ? sign & ~0x20 : sign) ? UNSURE : end;
}

function accessZoneStart(line: string, at: number, end: number): number {
  const space = line.indexOf(" ", at + 20);
  return space < 0 || space >= end ? end : space + 1;
}

function isYear(line: string, at: number): boolean {
  return DECADES.has(twoDigits(line, at) * 10 + digit(line, at + 2)) && digit(line, at + 3) !== NO_DIGIT;
}

function yearAt(line: string, at: number): number {
  return twoDigits(line, at) * 100 + twoDigits(line, at + 2);
}

function dayKey(year: number, month: number, day: number): number {
  return ((year * 13 + month) * 32 + day) * DAY;
}

function clockFields(line: string, at: number): Pick<DateFields, "hour" | "minute" | "second"> {
  return { hour: twoDigits(line, at), minute: twoDigits(line, at + 3), second: twoDigits(line, at + 6) };
}

/** The seconds since midnight of `HH:MM:SS`. */
function clockAt(line: string, at: number): number {
  return twoDigits(line, at) * 3600 + twoDigits(line, at + 3) * 60 + twoDigits(line, at + 6);
}

function isClock(line: string, at: number): boolean {
  return (
    twoDigits(line, at) <= 23 &&
    line.charCodeAt(at + 2) === COLON &&
    twoDigits(line, at + 3) <= 59 &&
    line.charCodeAt(at + 5) === COLON &&
    twoDigits(line, at + 6) <= 59
  );
}

/** What may follow the seconds, which end at `seconds`: a fraction, a zone. */
function isoTail(line: string, seconds: number): number {
  const point = line.charCodeAt(seconds);
  const at = point === DOT || point === COMMA ? fractionEnd(line, seconds) : seconds;
  if (at < 0) return UNSURE;
  const next = line.charCodeAt(at);
  if (next === SPACE) return mayBeginZone(line.charCodeAt(at + 1)) ? UNSURE : at;
  if (next === LETTER_Z) return endsWord(line, at + 1) ? at + 1 : UNSURE;
  if (next === PLUS || next === MINUS) return offsetEnd(line, at);
  return endsWord(line, at) ? at : UNSURE;
}

/** Where the fraction ends that begins with this point. */
function fractionEnd(line: string, point: number): number {
  let at = point + 1;
  while (digit(line, at) !== NO_DIGIT) at++;
  return at === point + 1 || at > point + 7 ? UNSURE : at;
}

/** Where `+02:00` or `+0200` ends. */
function offsetEnd(line: string, at: number): number {
  if (twoDigits(line, at + 1) > 19) return UNSURE;
  const minutes = line.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  if (twoDigits(line, minutes) > 99) return UNSURE;
  return endsWord(line, minutes + 2) ? minutes + 2 : UNSURE;
}

/** Whether a zone may begin with this character, or more blanks may come before one. */
function mayBeginZone(code: number): boolean {
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
