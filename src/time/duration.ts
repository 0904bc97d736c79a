import { type PyNumber, toFloat } from "../pyvalue/arithmetic.ts";
import { evaluate } from "../pyvalue/expression.ts";
import { ExpressionError } from "../pyvalue/expression-error.ts";
import { PyFloat } from "../pyvalue/value.ts";

/** A length of time in seconds. */
export interface Duration {
  readonly seconds: number;
  /** Whether the value was computed as a float and is therefore printed with a decimal point. */
  readonly isFloat: boolean;
}

/** Spellings of the units with what they stand for, in the order in which they are looked for. */
const UNITS: readonly (readonly [words: string, factor: string])[] = [
  ["days|day|da|dd|d", "86400"],
  ["weeks|week|wee|we|ww|w", "604800"],
  ["months|month|mon|mo", "2629800.0"],
  ["years|year|yea|ye|yy|y", "31557600.0"],
  ["seconds|second|sec|se|ss|s", "1"],
  ["minutes|minute|min|mi|mm|m", "60"],
  ["hours|hour|hou|ho|hh|h", "3600"],
];

/** What nearly all times are, and needs none of the expressions below, which take the engine milliseconds to make. */
const SIMPLE = /^(0|[1-9]\d{0,8})([smhdw])?$/;
const WHOLE_UNITS: ReadonlyMap<string | undefined, number> = new Map([
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

/** White space in Python's sense differs from ECMAScript's by the separators U+001C to U+001F and U+0085. */
const SPACE = "[\\s\\x1c-\\x1f\\x85]";
const WORD_END = "(?![\\p{L}\\p{N}_])";
const GROUP_START = /(?<=[a-z])(?=\p{Nd})/giu;
const NEIGHBOURS = new RegExp(`(\\p{Nd})${SPACE}+(\\p{Nd})`, "gu");
const UNIT_WORDS = UNITS.map(([words, factor]) => ({
  regex: new RegExp(`(?<=\\p{Nd}|${SPACE})(?:${words})${WORD_END}`, "giu"),
  replacement: `*${factor}`,
}));

/**
 * Reads a time value: a number of seconds, or an expression with units such as `10m`, `1d 12h`, `1y6mo` or
 * `1h*2`. A number passes unchanged. Months and years, division and decimals give floats.
 *
 * @example parseDuration("1d12h") // { seconds: 129600, isFloat: false }
 * @throws {ExpressionError} when the text is no such expression
 */
export function parseDuration(text: string | number): Duration {
  if (typeof text === "number") return { seconds: text, isFloat: !Number.isInteger(text) };
  const simple = SIMPLE.exec(text);
  if (simple) return { seconds: Number(simple[1]) * (WHOLE_UNITS.get(simple[2]) ?? 1), isFloat: false };
  let expression = text.replace(GROUP_START, " ");
  for (const { regex, replacement } of UNIT_WORDS) expression = expression.replace(regex, replacement);
  expression = expression.replace(NEIGHBOURS, "$1+$2");
  return toDuration(evaluate(expression), text);
}

function toDuration(value: PyNumber, text: string): Duration {
  if (typeof value === "boolean") {
    throw ExpressionError.of("ValueError", `'${text}' is not a length of time`);
  }
  return { seconds: toFloat(value), isFloat: value instanceof PyFloat };
}
