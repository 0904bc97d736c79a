import { valueError } from "../pyvalue/errors.ts";
import { reprString, str } from "../pyvalue/repr.ts";
import type { PyError, PyValue } from "../pyvalue/value.ts";

/** Options of an action by name; a name may carry a condition: `blocktype?family=inet6`. */
export type TagTable = ReadonlyMap<string, PyValue>;

/** How tags are looked up. */
export interface TagOptions {
  /** The condition in force, e.g. `family=inet6`: `NAME?CONDITION` wins over `NAME`. */
  readonly condition?: string;
  /** Tags that always exist unless the table has its own: `br`, `sp`, host names. */
  readonly builtins?: ReadonlyMap<string, string>;
}

/** Tags for text that an option cannot hold: a newline and a blank. */
export const LAYOUT_TAGS: ReadonlyMap<string, string> = new Map([
  ["br", "\n"],
  ["sp", " "],
]);

/** Tags that carry log lines. They are never resolved inside options, and escaped where an option defines one. */
export const MATCHES_TAGS: ReadonlySet<string> = new Set(["matches", "ipmatches", "ipjailmatches"]);

const TAG = /<([^ <>]+)>/g;
const MOST_REPLACEMENTS = 25;
const SHELL_SPECIAL = /[\\#&;`|*?~<>^()[\]{}$'"\n\r]/g;

/** Puts a backslash before every character that a shell treats specially; line breaks become `\n` and `\r`. */
export function escapeTag(text: string): string {
  return text.replace(SHELL_SPECIAL, (char) => {
    if (char === "\n") return "\\n";
    return char === "\r" ? "\\r" : `\\${char}`;
  });
}

/**
 * Resolves the options of a table among themselves, so that no value refers to another option any more.
 * Names in `ignore` are neither looked up nor processed.
 *
 * @throws PyError (`ValueError`) when an option refers to itself, directly or through others
 */
export function resolveTable(
  table: TagTable,
  options: TagOptions & { readonly ignore?: ReadonlySet<string> } = {},
): Map<string, PyValue> {
  const resolved = new Map(table);
  const ignore = options.ignore ?? MATCHES_TAGS;
  const lookup = (name: string) => (ignore.has(name) ? null : find(resolved, name, options.condition));
  for (const [name, value] of table) {
    if (ignore.has(name) || typeof value !== "string" || !value.includes("<")) continue;
    resolved.set(name, substitute(value, name, lookup));
  }
  return resolved;
}

/**
 * Replaces the tags of a text by the values of a table that went through {@link resolveTable}. Unknown tags
 * stay.
 */
export function replaceStaticTags(text: string, resolved: TagTable, options: TagOptions = {}): string {
  return substitute(text, null, (name) => {
    const value = find(resolved, name, options.condition);
    if (value === null) return options.builtins?.get(name) ?? LAYOUT_TAGS.get(name) ?? null;
    return MATCHES_TAGS.has(name) ? escapeTag(value) : value;
  });
}

function find(table: TagTable, name: string, condition: string | undefined): string | null {
  const value = (condition ? table.get(`${name}?${condition}`) : null) ?? table.get(name) ?? null;
  return value === null ? null : str(value);
}

/** Replaces until nothing changes: a replacement may bring new tags or complete one (`<rule_<type>>`). */
function substitute(text: string, owner: string | null, lookup: (name: string) => string | null): string {
  const counts = new Map<PyValue, PyValue>();
  let value = text;
  for (;;) {
    const before = value;
    TAG.lastIndex = 0;
    for (let match = TAG.exec(value); match; match = TAG.exec(value)) {
      const [tag, name = ""] = match;
      const count = Number(counts.get(name) ?? 0);
      if (name === owner || count > MOST_REPLACEMENTS)
        throw selfReference(owner ?? text, name, counts, value);
      const replacement = lookup(name);
      if (replacement === null) continue;
      value = value.replaceAll(tag, () => replacement);
      counts.set(name, count + 1);
      TAG.lastIndex = match.index;
    }
    if (value === before) return value;
  }
}

function selfReference(owner: string, found: string, counts: Map<PyValue, PyValue>, value: string): PyError {
  const seen = [...counts].map(([name, count]) => `${reprString(String(name))}: ${count}`).join(", ");
  const problem = "properties contain self referencing definitions and cannot be resolved";
  return valueError(`${problem}, fail tag: ${owner}, found: ${found} in {${seen}}, value: ${value}`);
}
