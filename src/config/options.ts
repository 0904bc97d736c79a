import { strip } from "./whitespace.ts";

/** `name[option=value, …]` taken apart. */
export interface NameWithOptions {
  readonly name: string;
  /** Options in the order given; a later duplicate replaces the value but not the place. */
  readonly options: Map<string, string>;
}

/** The text is not of the form `name[option=value, …]`; the message is the reason only. */
export class OptionSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "OptionSyntaxError";
  }
}

const WORD = "[\\p{L}\\p{N}_\\-.]+";
const OPTION = new RegExp(`\\s*(${WORD}(?:\\?${WORD}=${WORD})?)=`, "uy");
/** Names as they usually are: the expression for all letters takes long to compile. */
const USUAL_OPTION = /\s*([\w.-]+)=/y;
/** What may follow a value: a comma, the next bracket group, or the end. */
const SEPARATOR = /,|\]\s*\[|$/y;
/** Characters of the rest shown in messages. */
const EXCERPT = 25;

/**
 * Takes a name with bracket options apart, e.g. `sshd[mode=aggressive, port="ssh, 2222"]`.
 *
 * @throws {OptionSyntaxError} anything else.
 */
export function parseNameWithOptions(text: string): NameWithOptions {
  const open = text.indexOf("[");
  if (open < 0 && text !== "") return { name: text, options: new Map() };
  const close = text.lastIndexOf("]");
  if (open < 1 || close < open || strip(text.slice(close + 1)) !== "") {
    throw new OptionSyntaxError("unexpected option syntax");
  }
  return { name: text.slice(0, open), options: parseOptions(text.slice(open + 1, close)) };
}

/**
 * Takes a list of options apart, the text between the brackets.
 *
 * @throws {OptionSyntaxError} with position and excerpt.
 */
export function parseOptions(list: string): Map<string, string> {
  const options = new Map<string, string>();
  let at = 0;
  while (at < list.length) {
    const name = matchAt(USUAL_OPTION, list, at) ?? matchAt(OPTION, list, at);
    if (name === null) {
      if (strip(list.slice(at)) === "") break;
      throw new OptionSyntaxError(`expected option, wrong syntax at ${at}: ${excerpt(list, at)}`);
    }
    const option = name[1] ?? "";
    const value = readValue(list, at + name[0].length);
    const separator = matchAt(SEPARATOR, list, value.end);
    if (separator === null) {
      throw new OptionSyntaxError(
        `unexpected syntax at ${value.end} after option '${option}': ${excerpt(list, value.end)}`,
      );
    }
    options.set(option, strip(value.text));
    at = value.end + separator[0].length;
  }
  return options;
}

/** A value: quoted, or everything up to a comma or closing bracket. A quote that is never closed is plain text. */
function readValue(list: string, start: number): { text: string; end: number } {
  const quote = list[start];
  if (quote === '"' || quote === "'") {
    const end = list.indexOf(quote, start + 1);
    if (end >= 0) return { text: list.slice(start + 1, end), end: end + 1 };
  }
  const length = list.slice(start).search(/[,\]]/);
  const end = length < 0 ? list.length : start + length;
  return { text: list.slice(start, end), end };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function excerpt(list: string, at: number): string {
  return list.slice(at, at + EXCERPT);
}
