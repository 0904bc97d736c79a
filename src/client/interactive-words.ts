import { FLAVORS, vocabulary, WITH_JAIL } from "./vocabulary.ts";

/**
 * What the word under the cursor can become in interactive mode.
 *
 * @param line the line up to the cursor
 * @param jails names of the jails that run
 * @returns the candidates, and the part of the line that they would replace
 */
export function completeLine(line: string, jails: readonly string[]): [candidates: string[], word: string] {
  const words = line.split(/ +/);
  const word = words.at(-1) ?? "";
  const candidates = candidatesAfter(words.slice(0, -1), jails);
  return [candidates.filter((candidate) => candidate.startsWith(word)).map((one) => `${one} `), word];
}

function candidatesAfter(words: readonly string[], jails: readonly string[]): readonly string[] {
  const { first, settings, set, get } = vocabulary();
  const [verb = "", target = ""] = words;
  if (words.length === 0) return [...first, "help", "exit", "quit"];
  if (words.length === 1 && (verb === "set" || verb === "get")) return [...settings, ...jails];
  if (words.length === 1 && (WITH_JAIL as readonly string[]).includes(verb)) return ["--all", ...jails];
  if (words.length === 2 && jails.includes(target)) {
    if (verb === "set") return set;
    if (verb === "get") return get;
    if (verb === "status") return FLAVORS;
  }
  return [];
}
