import type { Flags } from "./flags.ts";
import { parse } from "./parser.ts";
import { simplify } from "./simplify.ts";
import { Variant } from "./variant.ts";

export interface CompileOptions { readonly ignoreCase?: boolean; readonly multiline?: boolean; readonly dotAll?: boolean; readonly verbose?: boolean; readonly ascii?: boolean }

export interface PyMatch {
  readonly start: number;
  readonly end: number;
  group(group: number | string): string | null;
  span(group: number | string): readonly [number, number];
  groups(): (string | null)[];
  groupDict(): Record<string, string | null>;
}

const NON_ASCII = /[^\x00-\x7f]/;

export function compile(pattern: string, options: CompileOptions = {}): PyRegex {
  return new PyRegex(pattern, options);
}

export class PyRegex {
  readonly pattern: string;
  readonly groupCount: number;
  readonly groupNames: readonly (string | null)[];
  readonly groupIndex: ReadonlyMap<string, number>;
  readonly requiredLiterals: readonly string[] | null = null;
  readonly #ascii: Variant;
  readonly #unicode: Variant;

  constructor(pattern: string, options: CompileOptions) {
    const flags: Flags = { ignoreCase: options.ignoreCase ?? false, multiline: options.multiline ?? false, dotAll: options.dotAll ?? false, verbose: options.verbose ?? false, ascii: options.ascii ?? false };
    const parsed = parse(pattern, flags);
    const root = simplify(parsed.root);
    this.pattern = pattern;
    this.groupCount = parsed.groupCount;
    this.groupNames = parsed.groupNames;
    this.groupIndex = new Map(parsed.groupNames.flatMap((name, i) => (name === null ? [] : [[name, i + 1] as const])));
    this.#ascii = new Variant(root, parsed.groupCount, false);
    this.#unicode = new Variant(root, parsed.groupCount, true);
  }

  get translated(): string {
    return this.#ascii.printed.source;
  }

  search(text: string, start = 0, end = text.length): PyMatch | null {
    const limited = end < text.length ? text.slice(0, end) : text;
    const variant = NON_ASCII.test(limited) ? this.#unicode : this.#ascii;
    const found = variant.search(limited, start);
    return found && new Found(this, variant, limited, found);
  }
}

class Found implements PyMatch {
  readonly start: number;
  readonly end: number;
  readonly #regex: PyRegex;
  readonly #variant: Variant;
  readonly #text: string;
  readonly #array: RegExpExecArray;
  constructor(regex: PyRegex, variant: Variant, text: string, array: RegExpExecArray) {
    this.#regex = regex; this.#variant = variant; this.#text = text; this.#array = array;
    this.start = array.index;
    let end = array.index + array[0].length;
    for (const n of variant.printed.newlines) end -= array[n]?.length ?? 0;
    this.end = end;
  }
  #index(group: number | string): number {
    const index = typeof group === "number" ? group : this.#regex.groupIndex.get(group);
    if (index === undefined || index < 0 || index > this.#regex.groupCount) throw new RangeError(`no such group: ${group}`);
    return index;
  }
  group(group: number | string): string | null {
    const index = this.#index(group);
    if (index === 0) return this.#text.slice(this.start, this.end);
    for (const n of this.#variant.printed.groups[index]!) { const v = this.#array[n]; if (v !== undefined) return v; }
    return null;
  }
  span(group: number | string): readonly [number, number] {
    const index = this.#index(group);
    if (index === 0) return [this.start, this.end];
    const indices = this.#variant.indices(this.#text, this.start);
    for (const n of this.#variant.printed.groups[index]!) { const v = indices[n]; if (v) return v; }
    return [-1, -1];
  }
  groups(): (string | null)[] {
    return Array.from({ length: this.#regex.groupCount }, (_, i) => this.group(i + 1));
  }
  groupDict(): Record<string, string | null> {
    const result: Record<string, string | null> = {};
    for (const [name, index] of this.#regex.groupIndex) result[name] = this.group(index);
    return result;
  }
}
