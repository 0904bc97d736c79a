/** What would make a shell do more than run a program with the words as they stand. */
const SYNTAX = /[$`;&|<>()*?[\]~#!\n\r]/;
const ESCAPABLE_IN_QUOTES = /["\\$`]/;

/**
 * The words of a script that is one command without any expansion, as a shell would hand them to the program;
 * `null` for every other script.
 *
 * @example
 * plainWords("nft add element inet t s \\{ 192.0.2.1 \\}")
 * // ["nft", "add", "element", "inet", "t", "s", "{", "192.0.2.1", "}"]
 */
export function plainWords(script: string): string[] | null {
  const text = script.trim();
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === " " || char === "\t") {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "'" || char === '"') {
      const end = closingQuote(text, at);
      if (end < 0) return null;
      word = (word ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (char === "\\") {
      const next = text[++at];
      if (next === undefined || next === "\n") return null;
      word = (word ?? "") + next;
    } else if (SYNTAX.test(char)) {
      return null;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  const [program = ""] = words;
  // A first word with `=` assigns a variable, one without quotes may be a keyword; neither names a firewall tool.
  return program === "" || program.includes("=") ? null : words;
}

/** Where quoted text ends; −1 when it does not, or when it holds anything that is expanded or escaped. */
function closingQuote(text: string, start: number): number {
  const quote = text[start]!;
  const end = text.indexOf(quote, start + 1);
  if (quote === "'" || end < 0) return end;
  const inside = text.slice(start + 1, end);
  return ESCAPABLE_IN_QUOTES.test(inside) ? -1 : end;
}
