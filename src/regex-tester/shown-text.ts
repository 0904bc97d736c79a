/** How text from logs and filters is shown on a terminal: one line, in its width, and harmless. */

/**
 * The text with control characters and direction marks written out, so that a log cannot drive the terminal.
 */
export function harmless(text: string): string {
  return text.replace(CONTROLS, escaped);
}

const CONTROLS = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\ud800-\udfff]/gu;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
}

/** Columns that a harmless text takes. */
export function columns(text: string): number {
  let count = 0;
  for (const character of text) count += columnsOf(character.codePointAt(0)!);
  return count;
}

function columnsOf(code: number): number {
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}/u.test(String.fromCodePoint(code))) return 0;
  return WIDE.some(([from, to]) => from <= code && code <= to) ? 2 : 1;
}

/** East Asian scripts and pictures. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

const DOTS = "…";

/** The beginning of a text in at most `width` columns; dots show that there is more. */
export function shortened(text: string, width: number): string {
  // What is far beyond the width need not be looked at.
  const shown = harmless(text.slice(0, 2 * width));
  if (text.length <= 2 * width && columns(shown) <= width) return shown;
  return `${beginning(shown, width - 1)}${DOTS}`;
}

function beginning(text: string, width: number): string {
  let end = 0;
  let left = width;
  for (const character of text) {
    left -= columnsOf(character.codePointAt(0)!);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** A piece of a text and, on a line of its own, a mark below one place of it. */
export interface Marked {
  readonly text: string;
  readonly mark: string;
}

/** Shows the part of a text around a place in at most `width` columns, with a mark at the place. */
export function marked(text: string, place: number, width: number): Marked {
  const before = harmless(text.slice(Math.max(0, place - width), place));
  const after = text.slice(place, place + width);
  const isWhole = place <= width && text.length - place <= width;
  if (isWhole && columns(before) + columns(harmless(after)) <= width)
    return { text: before + harmless(after), mark: `${" ".repeat(columns(before))}^` };
  const room = Math.floor(width / 2);
  const begin = place <= width && columns(before) <= room ? before : `${DOTS}${ending(before, room - 1)}`;
  const end = shortened(text.slice(place), width - columns(begin));
  return { text: begin + end, mark: `${" ".repeat(columns(begin))}^` };
}

function ending(text: string, width: number): string {
  const characters = [...text];
  let start = characters.length;
  for (let left = width; start > 0; start--) {
    left -= columnsOf(characters[start - 1]!.codePointAt(0)!);
    if (left < 0) break;
  }
  return characters.slice(start).join("");
}

/** The text cut into lines of at most `width` columns. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (let rest = harmless(text); rest !== ""; ) {
    const line = beginning(rest, width);
    lines.push(line);
    rest = rest.slice(line.length);
  }
  return lines;
}
