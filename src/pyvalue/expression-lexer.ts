import type { PyNumber } from "./arithmetic.ts";
import { normalizeInt } from "./arithmetic.ts";
import { ExpressionError } from "./expression-error.ts";
import { PyFloat } from "./value.ts";

/** A piece of an expression with its place in the text. */
export interface Token {
  readonly kind: "number" | "name" | "operator" | "end";
  /** The text of a name or operator, empty otherwise. */
  readonly text: string;
  /** The value of a number, 0 otherwise. */
  readonly value: PyNumber;
  readonly start: number;
  readonly end: number;
}

const BLANKS = /[ \t\f\r\n]*/y;
const FLOAT =
  /(?:\d(?:_?\d)*)?\.(?:\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*(?:\.(?:[eE][+-]?\d(?:_?\d)*)?|[eE][+-]?\d(?:_?\d)*)/y;
const INTEGER = /\d(?:_?\d)*/y;
const RADIX_INTEGER = /0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)/y;
const RADIX_PREFIX = /0([xXoObB])/y;
const RADIX_NAMES: Readonly<Record<string, string>> = { x: "hexadecimal", o: "octal", b: "binary" };
const NAME = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const OPERATOR = /\*\*|\/\/|<<|>>|<=|>=|==|!=|[-+*/%&|^~<>().,]/y;
/** What may follow a number directly: `1if x else 2` is valid Python, if odd. */
const KEYWORD_AFTER_NUMBER = /(?:and|else|if|in|is|not|or)\b/y;
const IDENTIFIER_CHARACTER = /[A-Za-z0-9_]/;
const LEADING_ZEROS =
  "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";

/**
 * Cuts an expression into tokens, the last being of kind `end`.
 *
 * @throws {ExpressionError} for characters and numbers that Python would not read
 */
export function tokenize(source: string, file: string): Token[] {
  const tokens: Token[] = [];
  let at = skipBlanks(source, 0);
  while (at < source.length) {
    const token = readNumber(source, at, file) ?? readWord(source, at);
    if (!token) throw badCharacter(source, at, file);
    tokens.push(token);
    at = skipBlanks(source, token.end);
  }
  tokens.push({ kind: "end", text: "", value: 0, start: at, end: at });
  return tokens;
}

function skipBlanks(source: string, at: number): number {
  BLANKS.lastIndex = at;
  BLANKS.test(source);
  return BLANKS.lastIndex;
}

function readWord(source: string, start: number): Token | null {
  for (const [kind, regex] of [
    ["name", NAME],
    ["operator", OPERATOR],
  ] as const) {
    const text = matchAt(regex, source, start);
    if (text !== null) return { kind, text, value: 0, start, end: start + text.length };
  }
  return null;
}

function readNumber(source: string, start: number, file: string): Token | null {
  const fail = (reason: string) =>
    ExpressionError.syntax(reason, { file, source, line: 1, start, end: start + 1 });
  const radix = matchAt(RADIX_INTEGER, source, start);
  const prefix = matchAt(RADIX_PREFIX, source, start);
  if (radix === null && prefix !== null) {
    throw fail(`invalid ${RADIX_NAMES[prefix.charAt(1).toLowerCase()]} literal`);
  }
  const float = radix === null ? matchAt(FLOAT, source, start) : null;
  const text = radix ?? float ?? matchAt(INTEGER, source, start);
  if (text === null) return null;
  const end = start + text.length;
  if (IDENTIFIER_CHARACTER.test(source.charAt(end)) && matchAt(KEYWORD_AFTER_NUMBER, source, end) === null) {
    throw fail(`invalid ${radix === null ? "decimal" : RADIX_NAMES[radix.charAt(1).toLowerCase()]} literal`);
  }
  const digits = text.replaceAll("_", "");
  if (float !== null) return { kind: "number", text: "", value: new PyFloat(Number(digits)), start, end };
  if (radix === null && /^0+[1-9]/.test(digits)) throw fail(LEADING_ZEROS);
  return { kind: "number", text: "", value: normalizeInt(BigInt(digits)), start, end };
}

function matchAt(regex: RegExp, source: string, at: number): string | null {
  regex.lastIndex = at;
  return regex.exec(source)?.[0] ?? null;
}

function badCharacter(source: string, start: number, file: string): ExpressionError {
  const code = source.codePointAt(start) ?? 0;
  const char = String.fromCodePoint(code);
  const hex = code.toString(16).toUpperCase().padStart(4, "0");
  const reason = code < 0x80 ? "invalid syntax" : `invalid character '${char}' (U+${hex})`;
  return ExpressionError.syntax(reason, { file, source, line: 1, start, end: start + 1 });
}
