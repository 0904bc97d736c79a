/**
 * Where in a line a template finds a date, if at all, as far as that can be told without its expression: at the begin
 * of the line; behind the first bracket; at the only place in the line where any of the default forms can be.
 */
export type DatePlace = "line" | "bracket" | "only";

/**
 * Place where a date must begin that is found in this line, or -1 when only the expression can tell.
 *
 * @param bytes what the line is a part of, if that is pure ASCII and at hand as bytes
 * @param from where it begins there
 */
export function dateStart(
  line: string,
  place: DatePlace,
  bytes: Readonly<Uint8Array> | null = null,
  from = 0,
): number {
  if (place === "line") return 0;
  if (place === "bracket") return behindBracket(line, 0, line.length);
  if (bytes !== null) return onlyStart(bytes, from, from + line.length);
  return line.length <= LONGEST ? onlyStart(codesOf(line), 0, line.length) : -1;
}

/** Place behind the first bracket between `start` and `end`, or -1. */
export function behindBracket(text: string, start: number, end: number): number {
  const bracket = text.indexOf("[", start);
  return bracket < end ? bracket + 1 || -1 : -1;
}

/** Characters of `21/Nov/2026:10:00:01` in front of its first colon, and in all. */
const BEFORE_COLON = 11;
const LENGTH = 20;
/** Nearer to the begin of the line the forms that are tied to it can match, too. */
const NEAREST = 3;
/** Digits of a date without separators, and those of a number of seconds. */
const DATE_DIGITS = 8;
const EPOCH_DIGITS = 10;
/** In longer texts no place is told. */
const LONGEST = 1 << 12;
/** Of the same kind as the bytes of blocks: the engine has one way to read both then. */
const CODES = Buffer.alloc(LONGEST);

/** The codes of ASCII characters, and {@link OTHER} for all others. */
function codesOf(text: string): Readonly<Uint8Array> {
  for (let i = 0; i < text.length; i++) CODES[i] = Math.min(text.charCodeAt(i), OTHER);
  return CODES;
}

const OTHER = 0xff;

/**
 * Where, from `begin` on, `21/Nov/2026:10:00:01` begins, if nothing else before `end` has what default forms need: a
 * clock time, an at sign, a number that is long enough, a character beyond ASCII. Within such a date no other form can
 * match, as its month is a name between separators and no blank comes before the clock time.
 */
function onlyStart(codes: Readonly<Uint8Array>, begin: number, end: number): number {
  let colon = -1;
  for (let at = begin; at < end; at++) {
    const code = codes[at]!;
    if (IS_TELLING[code] === 0) continue;
    if (code !== COLON) return -1;
    if (!isClockColon(codes, at, begin, end)) continue;
    if (colon < 0) colon = at;
    else if (at >= colon - BEFORE_COLON + LENGTH) return -1;
  }
  const start = colon - BEFORE_COLON;
  if (colon < 0 || start < begin + NEAREST || isWordCharacter(codes[start - 1]!)) return -1;
  return holdsNumber(codes, begin, end) ? -1 : start - begin;
}

/** Whether hours, minutes and seconds may begin before this colon. */
function isClockColon(codes: Readonly<Uint8Array>, at: number, begin: number, end: number): boolean {
  if (at === begin || at + 2 >= end || !isDigit(codes[at - 1]!) || !isDigit(codes[at + 1]!)) return false;
  return codes[at + 2] === COLON || (at + 3 < end && codes[at + 3] === COLON);
}

/** Whether there may be a date of digits only, or a number of seconds. */
function holdsNumber(codes: Readonly<Uint8Array>, begin: number, end: number): boolean {
  // A run of digits that is long enough cannot lie between two of these places.
  for (let at = begin + DATE_DIGITS - 1; at < end; at += DATE_DIGITS) {
    if (!isDigit(codes[at]!)) continue;
    let first = at;
    while (first > begin && isDigit(codes[first - 1]!)) first--;
    let behind = at + 1;
    while (behind < end && isDigit(codes[behind]!)) behind++;
    const digits = behind - first;
    if (digits >= EPOCH_DIGITS || (digits >= DATE_DIGITS && isBeforeTime(codes, behind, end))) return true;
  }
  return false;
}

/** Whether a time may follow here on a date without separators: a digit behind `T`, `-`, a blank, or one of them and a blank. */
function isBeforeTime(codes: Readonly<Uint8Array>, at: number, end: number): boolean {
  if (at >= end) return false;
  const code = codes[at]!;
  if (code !== MINUS && code !== LETTER_T && code !== BLANK) return false;
  const digit = at + 1 < end && codes[at + 1] === BLANK ? at + 2 : at + 1;
  return digit < end && isDigit(codes[digit]!);
}

const COLON = 0x3a;
const AT_SIGN = 0x40;
const MINUS = 0x2d;
const LETTER_T = 0x54;
const BLANK = 0x20;
const LAST_ASCII = 0x7e;
/** 1 for the codes that a line must be looked at closely for. */
const IS_TELLING = Uint8Array.from({ length: OTHER + 1 }, (_, code) =>
  code === COLON || code === AT_SIGN || code > LAST_ASCII ? 1 : 0,
);

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isWordCharacter(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x7a) || code === 0x5f;
}
