import { PyFloat } from "../pyvalue/value.ts";
import { PickleError } from "./pickle-reader.ts";

/** Python itself refuses to convert longer decimal texts, since that takes quadratic time. */
const MAX_DIGITS = 4300;

/** Argument of the text opcodes INT (where `00` and `01` stand for the booleans) and LONG (with a final `L`). */
export function parseIntText(line: Buffer, isLong: boolean): number | bigint | boolean {
  const text = line.toString("latin1");
  if (!isLong && text === "00") return false;
  if (!isLong && text === "01") return true;
  const digits = isLong ? text.replace(/L$/, "") : text;
  if (!/^\s*[+-]?\d+\s*$/.test(digits) || digits.length > MAX_DIGITS) {
    throw new PickleError(`could not convert string to int: '${text.slice(0, 40)}'`);
  }
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits.trim().replace(/^\+/, ""));
}

/** Argument of the text opcode FLOAT. */
export function parseFloatText(line: Buffer): PyFloat {
  const text = line.toString("latin1").trim();
  const special = /^([+-]?)(?:inf(?:inity)?|(nan))$/i.exec(text);
  if (special) return new PyFloat(special[2] ? Number.NaN : special[1] === "-" ? -Infinity : Infinity);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    throw new PickleError(`could not convert string to float: '${text.slice(0, 40)}'`);
  }
  return new PyFloat(Number(text));
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** Argument of the text opcode STRING: a quoted literal with escapes, ASCII only. */
export function parseStringLiteral(line: Buffer): string {
  const text = line.toString("latin1").trimEnd();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) {
    throw new PickleError("the STRING opcode argument must be quoted");
  }
  const value = text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/g, (all, hex, octal, char: string | undefined) => {
      if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return SIMPLE_ESCAPES[char ?? ""] ?? all;
    });
  if (/[^\0-\x7f]/.test(value)) throw new PickleError("'ascii' codec can't decode a byte of a string");
  return value;
}

/** Argument of the text opcode UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function parseUnicodeText(line: Buffer): string {
  return line
    .toString("latin1")
    .replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_all, short, long) => {
      const code = Number.parseInt(short ?? long, 16);
      if (code > 0x10ffff) throw new PickleError("illegal Unicode character in a string");
      return String.fromCodePoint(code);
    });
}

/**
 * The argument of UNICODE for `text`, with `>` escaped too. A string written so never contains a frame
 * terminator, and every reader decodes it to the same text.
 */
export function formatUnicodeText(text: string): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code > 0xffff) out += `\\U${code.toString(16).padStart(8, "0")}`;
    else if (code > 0xff || code < 0x20 || char === "\\" || char === ">") {
      out += `\\u${code.toString(16).padStart(4, "0")}`;
    } else out += char;
  }
  return out;
}
