/**
 * Where in a line a template finds a date, if at all, as far as that can be told without its expression: at the begin
 * of the line; behind the first bracket; at the only place in the line where any of the default forms can be.
 */
export type DatePlace = "line" | "bracket" | "only";

/** Place where a date must begin that is found in this line, or -1 when only the expression can tell. */
export function dateStart(line: string, place: DatePlace): number {
  if (place === "line") return 0;
  return place === "bracket" ? behindBracket(line, 0, line.length) : onlyStart(line);
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
/** What may come between a date without separators and its time. */
const TIME_FOLLOWS = /[-T ] ?\d/y;
const NOT_ASCII = /[^\x00-\x7e]/;

/**
 * Where `21/Nov/2026:10:00:01` begins, if nothing else in the line has what default forms need. Within such a date no
 * other form can match, as its month is a name between separators and no blank comes before the clock time.
 */
function onlyStart(line: string): number {
  const start = clockColon(line, 0) - BEFORE_COLON;
  if (start < NEAREST || isWordCharacter(line.charCodeAt(start - 1))) return -1;
  if (clockColon(line, start + LENGTH) >= 0 || holdsNumber(line)) return -1;
  return line.includes("@") || NOT_ASCII.test(line) ? -1 : start;
}

/** The first colon from `from` on with which hours, minutes and seconds may begin, or -1. */
function clockColon(line: string, from: number): number {
  let colon = line.indexOf(":", from);
  while (colon >= 0 && !isClockColon(line, colon)) colon = line.indexOf(":", colon + 1);
  return colon;
}

function isClockColon(line: string, at: number): boolean {
  if (!isDigit(line.charCodeAt(at - 1)) || !isDigit(line.charCodeAt(at + 1))) return false;
  return line.charCodeAt(at + 2) === COLON || line.charCodeAt(at + 3) === COLON;
}

const COLON = 0x3a;

/** Whether the line may have a date of digits only, or a number of seconds. */
function holdsNumber(line: string): boolean {
  // A run of digits that is long enough cannot lie between two of these places.
  for (let at = DATE_DIGITS - 1; at < line.length; at += DATE_DIGITS) {
    if (!isDigit(line.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(line.charCodeAt(start - 1))) start--;
    let end = at + 1;
    while (isDigit(line.charCodeAt(end))) end++;
    if (end - start >= EPOCH_DIGITS) return true;
    TIME_FOLLOWS.lastIndex = end;
    if (end - start >= DATE_DIGITS && TIME_FOLLOWS.test(line)) return true;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isWordCharacter(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x7a) || code === 0x5f;
}
