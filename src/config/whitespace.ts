/** White space of Python's `str.strip()`; JavaScript's `trim()` differs in a few control characters and the BOM. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const NEXT = new RegExp(`[${SPACE}]`, "g");
const ONE = new RegExp(`^[${SPACE}]$`);

/** Whether this one character is white space. */
export function isSpace(char: string): boolean {
  return char.length === 1 && isSpaceCode(char.charCodeAt(0));
}

/** Index of the first character that is not white space; the length if there is none. */
export function indentation(text: string): number {
  return skipSpace(text, 0);
}

/** Index of the first character from here on that is not white space; the length if there is none. */
export function skipSpace(text: string, from: number): number {
  let index = from;
  while (index < text.length && isSpaceCode(text.charCodeAt(index))) index++;
  return index;
}

/** Index of the first white space from here on; the length if there is none. */
export function nextSpace(text: string, from: number): number {
  NEXT.lastIndex = from;
  return NEXT.test(text) ? NEXT.lastIndex - 1 : text.length;
}

/** The text without white space at its end. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpaceCode(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The text without white space at both ends. */
export function strip(text: string): string {
  // The engine's own function is faster; it takes a BOM for white space, and leaves some control characters.
  if (text.includes("\ufeff")) return stripEnd(text.slice(indentation(text)));
  const trimmed = text.trim();
  return hasBareEnds(trimmed) ? trimmed : stripEnd(trimmed.slice(indentation(trimmed)));
}

/** Splits at runs of white space; empty items are dropped. */
export function splitSpace(text: string): string[] {
  return text.split(RUN).filter((word) => word !== "");
}

const RUN = new RegExp(`[${SPACE}]+`);

function hasBareEnds(text: string): boolean {
  return text === "" || !(isSpaceCode(text.charCodeAt(0)) || isSpaceCode(text.charCodeAt(text.length - 1)));
}

function isSpaceCode(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13) || code >= 0x1c;
  return code >= 0x85 && ONE.test(String.fromCharCode(code));
}
