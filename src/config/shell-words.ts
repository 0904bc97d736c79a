import { ConfigError } from "./config-error.ts";

const ESCAPED = "a character after the backslash at the end";
const CLOSED = "a second quotation mark for each first one";

/**
 * Splits a line into words by the quoting rules of the POSIX shell: single quotes keep everything, double quotes know
 * `\"` and `\\`, outside of quotes a backslash takes the next character as it is. Nothing is expanded, `#` is no comment.
 *
 * @throws {ConfigError} `No closing quotation`, `No escaped character`
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? "";
    if (quote === "" && /[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= "";
    if (char === quote) quote = "";
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (char === "\\" && quote !== "'") {
      const next = line[++at];
      if (next === undefined)
        throw new ConfigError("No escaped character", { value: line, expected: ESCAPED });
      word += quote === "" || next === quote || next === "\\" ? next : `\\${next}`;
    } else word += char;
  }
  if (quote !== "") throw new ConfigError("No closing quotation", { value: line, expected: CLOSED });
  if (word !== undefined) words.push(word);
  return words;
}
