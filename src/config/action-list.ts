import { isSpace, nextSpace, skipSpace } from "./whitespace.ts";

const WORD = "[\\p{L}\\p{N}_\\-.]+";
const OPTION_NAME = new RegExp(`${WORD}(?:\\?${WORD}=${WORD})?=`, "uy");

/**
 * Splits the value of `action` into its entries, each a name with optional bracket groups. Entries are separated by
 * white space; inside of brackets white space may stand around options and within values. What does not have this
 * shape is split at white space and left for {@link parseNameWithOptions} to complain about.
 */
export function splitActions(text: string): string[] {
  const entries: string[] = [];
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const end = entryEnd(text, at);
    entries.push(text.slice(at, end));
    at = end;
  }
  return entries;
}

/** End of the entry that begins here: after as many bracket groups as leave white space or nothing behind them. */
function entryEnd(text: string, start: number): number {
  const plainEnd = nextSpace(text, start);
  const bracket = text.indexOf("[", start);
  const nameEnd = bracket < 0 ? plainEnd : Math.min(bracket, plainEnd);
  let end = nameEnd > start && endsEntry(text, nameEnd) ? nameEnd : -1;
  let at = nameEnd;
  while (nameEnd > start) {
    at = groupEnd(text, skipSpace(text, at));
    if (at < 0) break;
    if (endsEntry(text, at)) end = at;
  }
  return end < 0 ? plainEnd : end;
}

/** End of the bracket group that begins here; negative if there is none. */
function groupEnd(text: string, start: number): number {
  if (text[start] !== "[") return -1;
  let at = skipSpace(text, start + 1);
  while (text[at] !== "]") {
    OPTION_NAME.lastIndex = at;
    if (!OPTION_NAME.test(text)) return -1;
    at = valueEnd(text, OPTION_NAME.lastIndex);
    if (at >= text.length) return -1;
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return at + 1;
}

/** The comma or closing bracket after a value; those between quotes do not count. */
function valueEnd(text: string, start: number): number {
  let quoteAllowed = text[start] === '"' || text[start] === "'";
  for (let at = start; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "," || char === "]") return at;
    if (!quoteAllowed || (char !== '"' && char !== "'")) continue;
    const close = text.indexOf(char, at + 1);
    if (close < 0) quoteAllowed = false;
    else at = close;
  }
  return text.length;
}

function endsEntry(text: string, at: number): boolean {
  return at === text.length || isSpace(text[at] ?? "");
}
