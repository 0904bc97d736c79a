import type { Fold } from "./ast.ts";
import type { Reader } from "./reader.ts";

/** Flags in force at one place of a pattern. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
  readonly ascii: boolean;
}

/** What an inline flag group asks for: `(?im)` is global, `(?i-s:` is scoped. */
export interface InlineFlags {
  readonly global: boolean;
  readonly on: ReadonlySet<string>;
  readonly off: ReadonlySet<string>;
}

const LETTERS = "iLmsxau";
const TYPE_LETTERS = "aLu";

/** True for the letters that inline flags are made of. */
export function isFlagLetter(token: string): boolean {
  return token.length === 1 && LETTERS.includes(token);
}

/** How case is ignored under `flags`. */
export function foldOf(flags: Flags): Fold {
  if (!flags.ignoreCase) return "none";
  return flags.ascii ? "ascii" : "unicode";
}

/** Reads inline flags after `(?`; `first` is the token already taken. Stops behind `)` or `:`. */
export function readInlineFlags(reader: Reader, first: string): InlineFlags {
  const on = new Set<string>();
  const off = new Set<string>();
  let token = first;
  if (token !== "-") {
    token = readLetters(reader, token, on, "missing -, : or )", ")-:", (letter) => {
      if (letter === "L") throw reader.error("bad inline flags: cannot use 'L' flag with a str pattern");
      if (letter !== "a" && letter !== "u") return;
      if ([...TYPE_LETTERS].some((other) => other !== letter && on.has(other))) {
        throw reader.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
      }
    });
  }
  if (token === ")") return { global: true, on, off };
  if (token === "-") readOff(reader, off);
  if ([...on].some((letter) => off.has(letter))) {
    throw reader.error("bad inline flags: flags turned on and off", 1);
  }
  return { global: false, on, off };
}

/** `flags` with the inline flags applied. */
export function applyFlags(flags: Flags, inline: InlineFlags): Flags {
  const pick = (letter: string, before: boolean) =>
    (before || inline.on.has(letter)) && !inline.off.has(letter);
  return {
    ignoreCase: pick("i", flags.ignoreCase),
    multiline: pick("m", flags.multiline),
    dotAll: pick("s", flags.dotAll),
    verbose: pick("x", flags.verbose),
    ascii: inline.on.has("a") || (flags.ascii && !inline.on.has("u")),
  };
}

function readOff(reader: Reader, off: Set<string>): void {
  const token = reader.take();
  if (token === null) throw reader.error("missing flag");
  if (!isFlagLetter(token)) throw unexpected(reader, token, "missing flag");
  readLetters(reader, token, off, "missing :", ":", (letter) => {
    if (!TYPE_LETTERS.includes(letter)) return;
    throw reader.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
  });
}

function readLetters(
  reader: Reader,
  first: string,
  into: Set<string>,
  missing: string,
  stop: string,
  check: (letter: string) => void,
): string {
  for (let letter = first; ; ) {
    check(letter);
    into.add(letter);
    const token = reader.take();
    if (token === null) throw reader.error(missing);
    if (stop.includes(token)) return token;
    if (!isFlagLetter(token)) throw unexpected(reader, token, missing);
    letter = token;
  }
}

function unexpected(reader: Reader, token: string, missing: string) {
  return reader.error(/^\p{L}$/u.test(token) ? "unknown flag" : missing, [...token].length);
}
