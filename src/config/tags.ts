import { repr, str } from "../pyvalue/repr.ts";
import { ConfigError, readable } from "./config-error.ts";

/** A tag met again after so many replacements within one value is taken for a loop. */
const MAX_REPLACEMENTS = 25;
/** Result size in characters that no sane definition reaches; nested tags can grow exponentially. */
const MAX_LENGTH = 16 * 1024 * 1024;
const TAG = /<([^ <>]+)>/g;

/** Values of tags; only strings can contain tags themselves. */
export type TagValue = string | number | bigint | boolean | null;

/** How tags that are not among the values are treated. */
export interface TagOptions {
  /** Names left alone: neither replaced nor processed. */
  readonly ignore?: ReadonlySet<string>;
  /** Value of a tag that is not among the values; `undefined` leaves it as literal text. */
  readonly lookup?: (tag: string) => TagValue | undefined;
}

/**
 * Replaces `<name>` in every value by the value of that name, until nothing changes any more.
 *
 * @returns a new map with the same keys
 * @throws {ConfigError} values that contain themselves
 */
export function substituteTags(
  values: ReadonlyMap<string, TagValue>,
  { ignore = new Set(), lookup = () => undefined }: TagOptions = {},
): Map<string, TagValue> {
  const result = new Map(values);
  const find = (tag: string): TagValue | undefined => (result.has(tag) ? result.get(tag) : lookup(tag));
  let pending: string[] = [];
  for (const [name, value] of values) {
    if (typeof value === "string" && value.includes("<") && !ignore.has(name)) pending.push(name);
  }
  while (pending.length > 0) {
    const again: string[] = [];
    for (const name of pending) {
      const value = result.get(name);
      if (typeof value !== "string") continue;
      const { text, mayHoldMore } = substituteOne(name, value, ignore, find);
      if (text === value) continue;
      result.set(name, text);
      if (mayHoldMore) again.push(name);
    }
    pending = again;
  }
  return result;
}

/**
 * One pass over one value. What a replacement brings is looked at in the same pass; more tags can only arise where a
 * replacement stands within the brackets of another tag.
 */
function substituteOne(
  name: string,
  value: string,
  ignore: ReadonlySet<string>,
  find: (tag: string) => TagValue | undefined,
): { text: string; mayHoldMore: boolean } {
  let text = value;
  let mayHoldMore = false;
  // Most values hold no tag that is replaced, and thousands of them pass here.
  let counts: Map<string, number> | undefined;
  TAG.lastIndex = 0;
  for (let match = TAG.exec(text); match !== null; match = TAG.exec(text)) {
    const tag = match[1] ?? "";
    const after = TAG.lastIndex;
    const count = counts?.get(tag) ?? 0;
    if (tag === name || count > MAX_REPLACEMENTS) throw selfReference(name, tag, counts ?? new Map(), text);
    const replacement = ignore.has(tag) ? undefined : find(tag);
    if (replacement === undefined || replacement === null) {
      TAG.lastIndex = after;
      continue;
    }
    const pieces = text.split(match[0]);
    const filling = str(replacement);
    if (text.length + pieces.length * filling.length > MAX_LENGTH) throw tooLong(name, tag);
    mayHoldMore ||= pieces.some(endsWithinTag);
    text = pieces.join(filling);
    counts ??= new Map();
    counts.set(tag, count + 1);
    TAG.lastIndex = match.index;
  }
  return { text, mayHoldMore };
}

/** Whether the brackets of a tag are still open at the end of the text. */
function endsWithinTag(text: string): boolean {
  return text.lastIndexOf("<") > text.lastIndexOf(">");
}

function selfReference(name: string, tag: string, counts: Map<string, number>, value: string): ConfigError {
  return new ConfigError(
    `properties contain self referencing definitions and cannot be resolved, fail tag: ${name}, found: ${tag} in ${repr(counts)}, value: ${readable(value)}`,
    { option: name, value, expected: "tags that do not lead back to themselves" },
  );
}

function tooLong(name: string, tag: string): ConfigError {
  return new ConfigError(`Value of ${name} grows beyond 16 MiB by substitution of <${tag}>`, {
    option: name,
  });
}
