import type { Category } from "./ast.ts";
import type { Reader } from "./reader.ts";

/** What one escape stands for. */
export type Escape =
  | { readonly type: "char"; readonly codePoint: number }
  | { readonly type: "category"; readonly kind: Category["kind"]; readonly negated: boolean }
  | { readonly type: "assertion"; readonly kind: "textStart" | "textEnd" | "boundary" | "notBoundary" }
  | { readonly type: "reference"; readonly index: number; readonly length: number };

const HEX = /^[0-9a-fA-F]$/;
const OCTAL = /^[0-7]$/;
const DIGIT = /^[0-9]$/;
const MAX_OCTAL = 0o377;
const MAX_CODE_POINT = 0x10ffff;

const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };

const CATEGORIES: Readonly<Record<string, readonly [Category["kind"], boolean]>> = {
  d: ["digit", false],
  D: ["digit", true],
  s: ["space", false],
  S: ["space", true],
  w: ["word", false],
  W: ["word", true],
};

const ASSERTIONS = { A: "textStart", Z: "textEnd", b: "boundary", B: "notBoundary" } as const;

/** Reads an escape inside a class; `token` is the backslash with its character, already taken. */
export function readClassEscape(reader: Reader, token: string): Escape {
  const letter = token.slice(1);
  if (letter === "b") return { type: "char", codePoint: 8 };
  const common = readCommon(reader, token, letter);
  if (common) return common;
  if (OCTAL.test(letter)) return octal(reader, token + reader.takeWhile(2, OCTAL));
  return literal(reader, token, letter);
}

/** Reads an escape outside classes. */
export function readEscape(reader: Reader, token: string): Escape {
  const letter = token.slice(1);
  if (letter in ASSERTIONS) {
    return { type: "assertion", kind: ASSERTIONS[letter as keyof typeof ASSERTIONS] };
  }
  const common = readCommon(reader, token, letter);
  if (common) return common;
  if (letter === "0") return octal(reader, token + reader.takeWhile(2, OCTAL));
  if (DIGIT.test(letter)) return readReference(reader, token);
  return literal(reader, token, letter);
}

function readCommon(reader: Reader, token: string, letter: string): Escape | null {
  const control = CONTROLS[letter];
  if (control !== undefined) return { type: "char", codePoint: control };
  const category = CATEGORIES[letter];
  if (category) return { type: "category", kind: category[0], negated: category[1] };
  const hexLength = HEX_LENGTHS[letter];
  if (hexLength !== undefined) return hex(reader, token, hexLength);
  if (letter === "N") {
    throw reader.error("character names (\\N{...}) are not supported, write the character itself", 2);
  }
  return null;
}

function hex(reader: Reader, token: string, length: number): Escape {
  const written = token + reader.takeWhile(length, HEX);
  if (written.length !== 2 + length) throw reader.error(`incomplete escape ${written}`, written.length);
  const codePoint = Number.parseInt(written.slice(2), 16);
  if (codePoint > MAX_CODE_POINT) throw reader.error(`bad escape ${written}`, written.length);
  return { type: "char", codePoint };
}

function octal(reader: Reader, written: string): Escape {
  const codePoint = Number.parseInt(written.slice(1), 8);
  if (codePoint > MAX_OCTAL) {
    throw reader.error(`octal escape value ${written} outside of range 0-0o377`, written.length);
  }
  return { type: "char", codePoint };
}

/** `\1` to `\99` are references; three octal digits are a character. */
function readReference(reader: Reader, token: string): Escape {
  let written = token + reader.takeWhile(1, DIGIT);
  if (/^\\[0-7][0-7]$/.test(written) && OCTAL.test(reader.next ?? "")) {
    written += reader.take();
    return octal(reader, written);
  }
  return { type: "reference", index: Number(written.slice(1)), length: written.length };
}

function literal(reader: Reader, token: string, letter: string): Escape {
  if (/^[a-zA-Z0-9]$/.test(letter)) throw reader.error(`bad escape ${token}`, token.length);
  return { type: "char", codePoint: letter.codePointAt(0) ?? 0 };
}
