import { ConfigError } from "./config-error.ts";
import { substituteTags, type TagValue } from "./tags.ts";

/** Characters that stand for parameters in a template: control characters that no configuration needs. */
const FIRST_MARK = 0x80;
const MARKS = 32;
const MARK = /([\x80-\x9f])/;
/** Parameters longer than this could make a result reach the limit of its length, which only real values show. */
const MAX_PARAMETER = 4096;
/** Different uses of one definition that are kept; more of them are evaluated one by one. */
const MAX_TEMPLATES = 4;

/** What substitution depends on besides the values. */
export interface TemplateContext {
  /** Names of the values that are likely to differ from use to use. */
  readonly parameters: Iterable<string>;
  readonly ignore: ReadonlySet<string>;
  /** See `TagOptions.lookup`. */
  readonly lookup: (tag: string) => TagValue | undefined;
}

/**
 * Remembers how the tags of one definition were replaced. Dozens of jails use the same action and differ in its
 * parameters alone; where these are plain text, the outcome differs in that text and nothing else.
 */
export class TagTemplates {
  readonly #templates: TagTemplate[] = [];

  /**
   * The same as `substituteTags` for these values.
   *
   * @throws {ConfigError} values that contain themselves
   */
  substitute(values: ReadonlyMap<string, TagValue>, context: TemplateContext): Map<string, TagValue> {
    for (const template of this.#templates) {
      const filled = template.fill(values, context.lookup);
      if (filled !== undefined) return filled;
    }
    const made = this.#templates.length < MAX_TEMPLATES ? makeTemplate(values, context) : undefined;
    if (made === undefined) return substituteTags(values, context);
    this.#templates.push(made);
    return made.fill(values, context.lookup) ?? substituteTags(values, context);
  }
}

/** A value of the template: a parameter, or what must be there again and what becomes of it. */
type Slot =
  | { readonly name: string; readonly isParameter: true }
  | { readonly name: string; readonly isParameter: false; readonly value: TagValue; readonly result: Result };

/** A finished value, or text with the positions of parameters in every second place. */
type Result = TagValue | readonly (string | number)[];

class TagTemplate {
  readonly #slots: readonly Slot[];
  readonly #lookups: ReadonlyMap<string, TagValue | undefined>;

  constructor(slots: readonly Slot[], lookups: ReadonlyMap<string, TagValue | undefined>) {
    this.#slots = slots;
    this.#lookups = lookups;
  }

  /** The values with their tags replaced; `undefined` if the template does not fit them. */
  fill(
    values: ReadonlyMap<string, TagValue>,
    lookup: (tag: string) => TagValue | undefined,
  ): Map<string, TagValue> | undefined {
    const parameters = this.#parametersOf(values);
    if (parameters === undefined) return undefined;
    for (const [tag, value] of this.#lookups) if (lookup(tag) !== value) return undefined;
    const filled = new Map<string, TagValue>();
    let next = 0;
    for (const slot of this.#slots) {
      filled.set(
        slot.name,
        slot.isParameter ? (parameters[next++] ?? "") : fillResult(slot.result, parameters),
      );
    }
    return filled;
  }

  /** The parameters, if all else is as it was when the template was made. */
  #parametersOf(values: ReadonlyMap<string, TagValue>): string[] | undefined {
    if (values.size !== this.#slots.length) return undefined;
    const parameters: string[] = [];
    let index = 0;
    for (const [name, value] of values) {
      const slot = this.#slots[index++];
      if (slot?.name !== name) return undefined;
      if (!slot.isParameter) {
        if (slot.value !== value) return undefined;
      } else if (isPlain(value)) parameters.push(value);
      else return undefined;
    }
    return parameters;
  }
}

/** Replaces the tags with marks in place of the parameters; `undefined` if the outcome depends on the parameters' text. */
function makeTemplate(
  values: ReadonlyMap<string, TagValue>,
  { parameters, ignore, lookup }: TemplateContext,
): TagTemplate | undefined {
  const varying = new Set(parameters);
  const marked = new Map<string, TagValue>();
  const given = new Set<string>();
  for (const [name, value] of values) {
    if (isMarked(name) || isMarked(value)) return undefined;
    const varies = varying.has(name) && isPlain(value) && given.size < MARKS;
    marked.set(name, varies ? String.fromCharCode(FIRST_MARK + given.size) : value);
    if (varies) given.add(name);
  }
  const lookups = new Map<string, TagValue | undefined>();
  let isFit = true;
  const record = (tag: string) => {
    // A mark within a tag: the text of a parameter is part of a name.
    if (isMarked(tag)) isFit = false;
    const value = lookup(tag);
    lookups.set(tag, value);
    if (isMarked(value)) isFit = false;
    return value;
  };
  const results = attempt(() => substituteTags(marked, { ignore, lookup: record }));
  if (results === undefined || !isFit) return undefined;
  const slots = [...values].map(([name, value]): Slot => {
    if (given.has(name)) return { name, isParameter: true };
    return { name, isParameter: false, value, result: takeApart(results.get(name) ?? null) };
  });
  return new TagTemplate(slots, lookups);
}

/** A faulty definition has no template: its message shall show the real values. */
function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Whether a value can neither contain nor complete a tag by itself. */
function isPlain(value: TagValue): value is string {
  return (
    typeof value === "string" && value.length <= MAX_PARAMETER && !value.includes("<") && !value.includes(">")
  );
}

function isMarked(value: TagValue | undefined): boolean {
  return typeof value === "string" && MARK.test(value);
}

function takeApart(value: TagValue): Result {
  if (typeof value !== "string" || !MARK.test(value)) return value;
  return value.split(MARK).map((part, i) => (i % 2 === 0 ? part : part.charCodeAt(0) - FIRST_MARK));
}

function fillResult(result: Result, parameters: readonly string[]): TagValue {
  if (result === null || typeof result !== "object") return result;
  let text = "";
  for (const part of result) text += typeof part === "number" ? (parameters[part] ?? "") : part;
  return text;
}
