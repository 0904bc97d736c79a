import { repr, reprString, str } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";

/** Columns of a pretty-printed command. */
const WIDTH = 1000;
/** Blanks per level of nesting. */
const INDENT = 2;

/** A value in Python's literal notation; what is longer than {@link WIDTH} columns is broken into lines. */
export function pretty(value: PyValue): string {
  return format(withSortedKeys(value), 0, 0);
}

function withSortedKeys(value: PyValue): PyValue {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!(value instanceof Map)) return value;
  const entries = [...value].map(([key, item]): [PyValue, PyValue] => [key, withSortedKeys(item)]);
  return new Map(entries.sort(([a], [b]) => Buffer.compare(Buffer.from(str(a)), Buffer.from(str(b)))));
}

/**
 * @param indent column at which the value begins
 * @param allowance columns to leave free behind its end, for closing brackets and commas
 */
function format(value: PyValue, indent: number, allowance: number): string {
  const literal = repr(value);
  if (columns(literal) <= WIDTH - indent - allowance) return literal;
  if (Array.isArray(value)) return formatList(value, indent, allowance);
  if (value instanceof Map) return formatMap(value, indent, allowance);
  return typeof value === "string" ? formatString(value, indent, allowance) : literal;
}

function formatList(items: readonly PyValue[], indent: number, allowance: number): string {
  const inner = indent + INDENT;
  const parts = items.map((item, index) =>
    format(item, inner, index === items.length - 1 ? allowance + 1 : 1),
  );
  return `[${" ".repeat(INDENT - 1)}${parts.join(separator(inner))}]`;
}

function formatMap(map: ReadonlyMap<PyValue, PyValue>, indent: number, allowance: number): string {
  const inner = indent + INDENT;
  const parts = [...map].map(([key, value], index) => {
    const name = repr(key);
    return `${name}: ${format(value, inner + columns(name) + 2, index === map.size - 1 ? allowance + 1 : 1)}`;
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
    return columns(literal) <= width ? [literal] : fillWords(line, WIDTH - indent, last ? allowance : 0);
  });
  return chunks.join(`\n${" ".repeat(indent)}`);
}

/** Line ends as Python's `splitlines` knows them. */
const LINES =
  /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g;
/** A word with the white space after it. */
const WORDS =
  /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/g;

function fillWords(line: string, width: number, allowance: number): string[] {
  const words = (line.match(WORDS) ?? []).filter((word) => word !== "");
  const chunks: string[] = [];
  let current = "";
  words.forEach((word, index) => {
    const limit = index === words.length - 1 ? width - allowance : width;
    const candidate = current + word;
    if (current !== "" && columns(reprString(candidate)) > limit) {
      chunks.push(reprString(current));
      current = word;
    } else current = candidate;
  });
  if (current !== "") chunks.push(reprString(current));
  return chunks;
}

/** Length in characters; those beyond the basic plane count once. */
function columns(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) count--;
  return count;
}

/** The command stream as `--dp` prints it: long commands are broken into lines. */
export function dumpPretty(commands: readonly PyValue[][]): string {
  return commands.map((command) => `${pretty(command)}\n`).join("");
}
