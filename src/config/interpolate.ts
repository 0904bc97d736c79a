import { repr, reprString } from "../pyvalue/repr.ts";
import { ConfigError, type ConfigPosition, readable } from "./config-error.ts";
import type { MergedOption, RawValue } from "./merged.ts";

/** References may refer to references, this many levels deep. */
const MAX_DEPTH = 10;
/** Result size in characters that no sane configuration reaches; nested references can grow exponentially. */
const MAX_LENGTH = 64 * 1024 * 1024;
/** The same bound for the number of pieces that a result is made of. */
const MAX_PARTS = 500_000;
const REFERENCE = /%\(([^)]+)\)s/y;

/** What the interpolation of one value refers to. */
export interface InterpolationContext {
  /** Option and section that are being read, for messages. */
  readonly option: string;
  readonly section: string;
  /** The option as the files have it, for messages. */
  readonly raw: MergedOption | undefined;
  /** Raw value of a name, as written in the reference; `undefined` if there is none. */
  lookup(name: string): RawValue | undefined;
}

/**
 * Replaces `%(name)s` by the value of `name`, itself interpolated, and `%%` by `%`.
 *
 * @throws {ConfigError} unknown name, too deep recursion, `%` followed by something else.
 */
export function interpolate(value: string, context: InterpolationContext): string {
  const parts: string[] = [];
  let length = 0;
  const add = (text: string): void => {
    length += text.length;
    if (length > MAX_LENGTH || parts.length > MAX_PARTS)
      throw fail("Value grows without bounds by substitution", context);
    parts.push(text);
  };
  expand(value, 1, add, context);
  return parts.join("");
}

function expand(
  text: string,
  depth: number,
  add: (part: string) => void,
  context: InterpolationContext,
): void {
  if (depth > MAX_DEPTH) throw recursion(text, context);
  let at = 0;
  for (let percent = text.indexOf("%"); percent >= 0; percent = text.indexOf("%", at)) {
    add(text.slice(at, percent));
    if (text[percent + 1] === "%") {
      add("%");
      at = percent + 2;
      continue;
    }
    REFERENCE.lastIndex = percent;
    const reference = REFERENCE.exec(text);
    if (reference === null) throw badSyntax(text.slice(percent), context);
    at = percent + reference[0].length;
    const value = find(reference[1] ?? "", text, context);
    if (value.includes("%")) expand(value, depth + 1, add, context);
    else add(value);
  }
  add(text.slice(at));
}

function find(name: string, text: string, context: InterpolationContext): string {
  const value = context.lookup(name);
  if (value === undefined) throw unknownKey(name, text, context);
  // The reference stumbles over these in its own way; scripts and tests know the text.
  if (typeof value !== "string") {
    throw fail(`argument of type '${value === null ? "NoneType" : "int"}' is not iterable`, context);
  }
  return value;
}

function unknownKey(name: string, text: string, context: InterpolationContext): ConfigError {
  const key = reprString(name.toLowerCase());
  return fail(
    `Bad value substitution: ${subject(context)} contains an interpolation key ${key} which is not a valid option name. Raw value: ${rawValue(text, context)}`,
    context,
    `an option of [${context.section}] or [DEFAULT] in place of ${key}`,
  );
}

function recursion(text: string, context: InterpolationContext): ConfigError {
  return fail(
    `Recursion limit exceeded in value substitution: ${subject(context)} contains an interpolation key which cannot be substituted in ${MAX_DEPTH} steps. Raw value: ${rawValue(text, context)}`,
    context,
    "a value that does not lead back to itself",
  );
}

function badSyntax(rest: string, context: InterpolationContext): ConfigError {
  const message = rest.startsWith("%(")
    ? `bad interpolation variable reference ${reprString(readable(rest))}`
    : `'%' must be followed by '%' or '(', found: ${reprString(readable(rest))}`;
  return fail(message, context, "%% for a percent sign, %(name)s for the value of an option");
}

function subject({ option, section }: InterpolationContext): string {
  return `option ${reprString(option)} in section ${reprString(section)}`;
}

function rawValue(text: string, { raw }: InterpolationContext): string {
  const value = raw === undefined ? text : raw.value;
  return repr(typeof value === "string" ? readable(value) : value);
}

function fail(
  message: string,
  { option, section, raw }: InterpolationContext,
  expected?: string,
): ConfigError {
  const position: ConfigPosition = { section, option, file: raw?.file, line: raw?.line, expected };
  return new ConfigError(message, { ...position, value: raw === undefined ? undefined : String(raw.value) });
}
