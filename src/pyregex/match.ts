import type { Spans } from "./machine.ts";
import type { Variant } from "./variant.ts";

/** A match. Places are counted in UTF-16 units, as everywhere in JavaScript. */
export interface PyMatch {
  readonly start: number;
  readonly end: number;
  /** The text of a group (0: the whole match); `null` when it took no part. @throws RangeError: no such group */
  group(group: number | string): string | null;
  /** Start and end of a group; `[-1, -1]` when it took no part. @throws RangeError: no such group */
  span(group: number | string): readonly [number, number];
  /** The text of all groups from 1. */
  groups(): (string | null)[];
  /** The text of all named groups. */
  groupDict(): Record<string, string | null>;
}

/** Numbers and names of a pattern's groups. */
export class GroupTable {
  /** Name of group `i + 1`, or `null`. */
  readonly names: readonly (string | null)[];
  readonly byName: ReadonlyMap<string, number>;

  constructor(names: readonly (string | null)[]) {
    this.names = names;
    this.byName = new Map(names.flatMap((name, i) => (name === null ? [] : [[name, i + 1] as const])));
  }

  get count(): number {
    return this.names.length;
  }

  /** @throws RangeError: no such group */
  indexOf(group: number | string): number {
    const index = typeof group === "number" ? group : this.byName.get(group);
    if (index !== undefined && index >= 0 && index <= this.count) return index;
    throw new RangeError(`no such group: ${group}`);
  }

  values(match: PyMatch): (string | null)[] {
    return this.names.map((_, i) => match.group(i + 1));
  }

  dictionary(match: PyMatch): Record<string, string | null> {
    const result: Record<string, string | null> = {};
    for (const [name, index] of this.byName) result[name] = match.group(index);
    return result;
  }
}

/** A match found by the machine. */
export class SpanMatch implements PyMatch {
  readonly start: number;
  readonly end: number;
  readonly #table: GroupTable;
  readonly #text: string;
  readonly #spans: Spans;

  constructor(table: GroupTable, text: string, spans: Spans) {
    this.#table = table;
    this.#text = text;
    this.#spans = spans;
    this.start = spans[0]!;
    this.end = spans[1]!;
  }

  group(group: number | string): string | null {
    const [start, end] = this.span(group);
    return start < 0 ? null : this.#text.slice(start, end);
  }

  span(group: number | string): readonly [number, number] {
    const at = 2 * this.#table.indexOf(group);
    return [this.#spans[at]!, this.#spans[at + 1]!];
  }

  groups(): (string | null)[] {
    return this.#table.values(this);
  }

  groupDict(): Record<string, string | null> {
    return this.#table.dictionary(this);
  }
}

/** A match found by the engine, whose captures are Python's. */
export class EngineMatch implements PyMatch {
  readonly #table: GroupTable;
  readonly #variant: Variant;
  readonly #text: string;
  readonly #found: RegExpExecArray;

  constructor(table: GroupTable, variant: Variant, text: string, found: RegExpExecArray) {
    this.#table = table;
    this.#variant = variant;
    this.#text = text;
    this.#found = found;
  }

  get start(): number {
    return this.#found.index;
  }

  get end(): number {
    return this.#variant.endOf(this.#found);
  }

  group(group: number | string): string | null {
    const index = this.#table.indexOf(group);
    if (index === 0) return this.#text.slice(this.start, this.end);
    const numbers = this.#variant.printed.groups[index]!;
    for (let i = 0; i < numbers.length; i++) {
      const value = this.#found[numbers[i]!];
      if (value !== undefined) return value;
    }
    return null;
  }

  span(group: number | string): readonly [number, number] {
    const index = this.#table.indexOf(group);
    if (index === 0) return [this.start, this.end];
    const indices = this.#variant.indices(this.#text, this.start);
    for (const number of this.#variant.printed.groups[index]!) {
      const span = indices[number];
      if (span) return span;
    }
    return [-1, -1];
  }

  groups(): (string | null)[] {
    return this.#table.values(this);
  }

  groupDict(): Record<string, string | null> {
    return this.#table.dictionary(this);
  }
}

/** A match whose place is known and whose captures are looked up when they are asked for. */
export class LazyMatch implements PyMatch {
  readonly start: number;
  readonly end: number;
  readonly #text: string;
  readonly #lookUp: () => PyMatch;
  #captures: PyMatch | null = null;

  constructor(text: string, start: number, end: number, lookUp: () => PyMatch) {
    this.#text = text;
    this.start = start;
    this.end = end;
    this.#lookUp = lookUp;
  }

  group(group: number | string): string | null {
    return group === 0 ? this.#text.slice(this.start, this.end) : this.#full.group(group);
  }

  span(group: number | string): readonly [number, number] {
    return group === 0 ? [this.start, this.end] : this.#full.span(group);
  }

  groups(): (string | null)[] {
    return this.#full.groups();
  }

  groupDict(): Record<string, string | null> {
    return this.#full.groupDict();
  }

  get #full(): PyMatch {
    this.#captures ??= this.#lookUp();
    return this.#captures;
  }
}
