/** White space of Python's `str.strip()`; JavaScript's `trim()` differs in a few control characters and the BOM. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ONE = new RegExp(`^[${SPACE}]$`);

/** Whether this one character is white space. */
export function isSpace(char: string): boolean {
  return char.length === 1 && isSpaceCode(char.charCodeAt(0));
}

/** Index of the first character that is not white space; the length if there is none. */
export function indentation(text: string): number {
  let index = 0;
  while (index < text.length && isSpaceCode(text.charCodeAt(index))) index++;
  return index;
}

/** The text without white space at its end. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpaceCode(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The text without white space at both ends. */
export function strip(text: string): string {
  return stripEnd(text.slice(indentation(text)));
}

/** Splits at runs of white space; empty items are dropped. */
export function splitSpace(text: string): string[] {
  return text.split(RUN).filter((word) => word !== "");
}

const RUN = new RegExp(`[${SPACE}]+`);

function isSpaceCode(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13) || code >= 0x1c;
  return code >= 0x85 && ONE.test(String.fromCharCode(code));
}
