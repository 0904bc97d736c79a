import { splitSpace } from "./whitespace.ts";

/** Splits a list at white space and commas; empty items are dropped. */
export function splitWords(text: string): string[] {
  return text.split(",").flatMap(splitSpace);
}

/** As {@link splitWords}, comments removed first: from `#` or `;` at line start or after white space to the end of the line. */
export function splitWordsWithoutComments(text: string): string[] {
  return splitWords(text.replace(/(^|\s)[#;].*/gm, "$1"));
}
