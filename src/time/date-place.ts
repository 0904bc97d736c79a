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

/** What some default form needs besides a date of digits, names and a clock time. */
const FEATURES = /\d:\d|\d{8}|@|[^\x00-\x7e]/g;
/** Characters of `21/Nov/2026:10:00:01` in front of its first digit that is followed by a colon, and in all. */
const BEFORE_CLOCK = 10;
const LENGTH = 20;
/** Nearer to the begin of the line the forms that are tied to it can match, too. */
const NEAREST = 3;

/**
 * Where `21/Nov/2026:10:00:01` begins, if nothing else in the line has what default forms need. Within such a date no
 * other form can match, as its month is a name between separators and no blank comes before the clock time.
 */
function onlyStart(line: string): number {
  FEATURES.lastIndex = 0;
  if (!FEATURES.test(line)) return -1;
  const start = FEATURES.lastIndex - 3 - BEFORE_CLOCK;
  if (start < NEAREST || line.charCodeAt(start + 11) !== COLON || isWordCharacter(line.charCodeAt(start - 1)))
    return -1;
  FEATURES.lastIndex = start + LENGTH;
  return FEATURES.test(line) ? -1 : start;
}

const COLON = 0x3a;

function isWordCharacter(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x7a) || code === 0x5f;
}
