/** What is wrong with a text that is no JSON, and where (a count of UTF-16 units). */
export interface JsonFault {
  readonly message: string;
  readonly position: number;
}

/** Finds the fault in a text that `JSON.parse` refused, in the words that Python has for it. */
export function findJsonFault(text: string): JsonFault {
  try {
    const end = skipBlanks(text, readValue(text, skipBlanks(text, 0)));
    return { message: "Extra data", position: end };
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
}

class Fault implements JsonFault {
  readonly message: string;
  readonly position: number;
  constructor(message: string, position: number) {
    this.message = message;
    this.position = position;
  }
}

const SCALAR = /true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const BLANKS = /[ \t\n\r]*/y;
const STRING_PART = /[^"\\\p{Cc}]+|\\["\\/bfnrt]|\\u[\da-fA-F]{4}/uy;

/** Reads a value that begins here; returns where it ends. */
function readValue(text: string, at: number): number {
  switch (text[at]) {
    case '"':
      return readString(text, at);
    case "{":
      return readObject(text, at + 1);
    case "[":
      return readList(text, at + 1);
    default: {
      const end = match(SCALAR, text, at);
      if (end === at) throw new Fault("Expecting value", at);
      return end;
    }
  }
}

function readString(text: string, begin: number): number {
  for (let at = begin + 1; ; ) {
    if (at >= text.length) throw new Fault("Unterminated string starting at", begin);
    if (text[at] === '"') return at + 1;
    const end = match(STRING_PART, text, at);
    if (end > at) at = end;
    else if (text[at] !== "\\") throw new Fault("Invalid control character at", at);
    else if (at + 1 >= text.length) throw new Fault("Unterminated string starting at", begin);
    else if (text[at + 1] === "u") throw new Fault("Invalid \\uXXXX escape", at + 2);
    else throw new Fault("Invalid \\escape", at);
  }
}

function readList(text: string, begin: number): number {
  let at = skipBlanks(text, begin);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = skipBlanks(text, readValue(text, at));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") throw new Fault("Expecting ',' delimiter", at);
    at = skipBlanks(text, at + 1);
  }
}

function readObject(text: string, begin: number): number {
  let at = skipBlanks(text, begin);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') throw new Fault("Expecting property name enclosed in double quotes", at);
    at = skipBlanks(text, readString(text, at));
    if (text[at] !== ":") throw new Fault("Expecting ':' delimiter", at);
    at = skipBlanks(text, readValue(text, skipBlanks(text, at + 1)));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") throw new Fault("Expecting ',' delimiter", at);
    at = skipBlanks(text, at + 1);
  }
}

function skipBlanks(text: string, at: number): number {
  return match(BLANKS, text, at);
}

/** Where a match that begins at `at` ends; `at` itself without one. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
