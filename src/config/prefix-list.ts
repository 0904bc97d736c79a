/** One word of a list of prefixes: addresses of a family that agree in their first `length` bits belong together. */
export interface PrefixEntry {
  readonly family: "inet4" | "inet6";
  /** Bits that count. */
  readonly length: number;
  /** How many addresses of one prefix it takes; 1 where the list has no counts. */
  readonly count: number;
}

/** Shortest and longest length that is taken: a shorter one would put whole continents together. */
const LENGTHS = { inet4: { least: 8, most: 31 }, inet6: { least: 16, most: 127 } } as const;
const WORD = /^(?:ipv|inet)([46])\/(\d{1,3})(?::(\d{1,6}))?$/i;
/** Words for an empty list. */
const NONE = /^(?:|none|off|no|false)$/i;

/** What a list is to look like, for messages. */
export const PREFIXES_EXPECTED = "ipv4/LENGTH (8 to 31), ipv6/LENGTH (16 to 127), both, or none";
/** The same for a list with counts. */
export const COUNTED_PREFIXES_EXPECTED =
  "ipv4/LENGTH:COUNT (8 to 31), ipv6/LENGTH:COUNT (16 to 127), both, or none; COUNT is 2 or more";

/**
 * Reads a list of prefixes, at most one for each family: `ipv4/24 ipv6/64`, with counts `ipv4/24:8`. Words are apart by
 * blanks or commas; `none` is an empty list. `undefined` for a text that is no such list.
 *
 * @param counted whether each word has a count
 */
export function parsePrefixList(text: string, counted: boolean): readonly PrefixEntry[] | undefined {
  if (NONE.test(text.trim())) return [];
  const entries: PrefixEntry[] = [];
  for (const word of text.trim().split(/[\s,]+/)) {
    const entry = parseWord(word, counted);
    if (!entry || entries.some(({ family }) => family === entry.family)) return undefined;
    entries.push(entry);
  }
  return entries;
}

/** The list as it is written; `none` for an empty one. */
export function formatPrefixList(entries: readonly PrefixEntry[], counted: boolean): string {
  const words = entries.map(({ family, length, count }) => {
    const prefix = `ipv${family === "inet4" ? 4 : 6}/${length}`;
    return counted ? `${prefix}:${count}` : prefix;
  });
  return words.join(" ") || "none";
}

function parseWord(word: string, counted: boolean): PrefixEntry | undefined {
  const [, version, digits = "", number] = WORD.exec(word) ?? [];
  if (version === undefined || (number !== undefined) !== counted) return undefined;
  const family = version === "4" ? "inet4" : "inet6";
  const length = Number(digits);
  const count = Number(number ?? 1);
  const { least, most } = LENGTHS[family];
  if (length < least || length > most || (counted && count < 2)) return undefined;
  return { family, length, count };
}
