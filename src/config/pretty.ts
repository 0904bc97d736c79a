import { repr, reprString } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";

/** Columns of a pretty-printed command. */
const WIDTH = 1000;
/** Blanks per level of nesting. */
const INDENT = 2;

/** A value in Python's literal notation; what is longer than {@link WIDTH} columns is broken into lines. */
export function pretty(value: PyValue): string {
  return format(value, 0, 0);
}

/**
 * @param indent column at which the value begins
 * @param allowance columns to leave free behind its end, for closing brackets and commas
 */
function format(value: PyValue, indent: number, allowance: number): string {
  const literal = repr(value);
  if (literal.length <= WIDTH - indent - allowance) return literal;
  if (Array.isArray(value)) return formatList(value, indent, allowance);
  if (value instanceof Map) return formatMap(value, indent, allowance);
  return typeof value === "string" ? formatString(value, indent, allowance) : literal;
}

function formatList(items: readonly PyValue[], indent: number, allowance: number): string {
  const inner = indent + INDENT;
  const parts = items.map((item, index) => format(item, inner, index === items.length - 1 ? allowance + 1 : 1));
  return `[${" ".repeat(INDENT - 1)}${parts.join(separator(inner))}]`;
}

function formatMap(map: ReadonlyMap<PyValue, PyValue>, indent: number, allowance: number): string {
  const inner = indent + INDENT;
  const entries = [...map].map(([key, value]) => ({ key: repr(key), value }));
  entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const parts = entries.map(({ key, value }, index) => {
    const free = index === entries.length - 1 ? allowance + 1 : 1;
    return `${key}: ${format(value, inner + key.length + 2, free)}`;
  });
  return `{${" ".repeat(INDENT - 1)}${parts.join(separator(inner))}}`;
}

function separator(indent: number): string {
  return `,\n${" ".repeat(indent)}`;
}

/** A long string as adjacent literals: one for each of its lines, or for as many words as fit. */
function formatString(text: string, indent: number, allowance: number): string {
  const lines = text.match(LINES) ?? [];
  const chunks = lines.flatMap((line, index) => {
    const last = index === lines.length - 1;
    const width = WIDTH - indent - (last ? allowance : 0);
    const literal = reprString(line);
    return literal.length <= width ? [literal] : fillWords(line, WIDTH - indent, last ? allowance : 0);
  });
  return chunks.join(`\n${" ".repeat(indent)}`);
}

/** Line ends as Python's `splitlines` knows them. */
const LINES = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g;
/** A word with the white space after it. */
const WORDS = /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/g;

function fillWords(line: string, width: number, allowance: number): string[] {
  const words = (line.match(WORDS) ?? []).filter((word) => word !== "");
  const chunks: string[] = [];
  let current = "";
  words.forEach((word, index) => {
    const limit = index === words.length - 1 ? width - allowance : width;
    const candidate = current + word;
    if (current !== "" && reprString(candidate).length > limit) {
      chunks.push(reprString(current));
      current = word;
    } else current = candidate;
  });
  if (current !== "") chunks.push(reprString(current));
  return chunks;
}
