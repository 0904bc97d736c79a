import type { Node } from "./ast.ts";
import { type Printed, print } from "./print.ts";

/** What a compilation is for. */
export interface VariantOptions {
  /** For all texts, or for pure ASCII ones. */
  readonly unicode: boolean;
  /** The match must reach to the end of the text. */
  readonly whole: boolean;
}

/** One compilation of a pattern by the engine. The RegExp objects are made when they are first needed. */
export class Variant {
  readonly printed: Printed;
  readonly #source: string;
  readonly #unicode: boolean;
  readonly #search: RegExp;
  #from: RegExp | null = null;
  #at: RegExp | null = null;
  #indices: RegExp | null = null;

  /** @throws SyntaxError when the engine refuses the pattern as too large */
  constructor(root: Node, groupCount: number, { unicode, whole }: VariantOptions) {
    this.printed = print(root, groupCount, { unicode, swallowNewline: !whole });
    this.#source = whole ? `(?:${this.printed.source})$` : this.printed.source;
    this.#unicode = unicode;
    this.#search = this.#compile("");
    // The engine compiles at the first use; what it refuses must come to light here.
    this.#search.test("");
  }

  /** The first match that begins at `start` or later. */
  search(text: string, start: number): RegExpExecArray | null {
    let found = start === 0 ? this.#search.exec(text) : this.#searchFrom(text, start);
    if (!this.#unicode) return found;
    // The engine tries empty matches in the middle of a surrogate pair too; for Python there is no such place.
    while (found && isInsidePair(text, found.index)) found = this.#searchFrom(text, found.index + 1);
    return found;
  }

  /** Whether there is a match in a text without surrogate pairs. */
  test(text: string): boolean {
    return this.#search.test(text);
  }

  /** The match that begins exactly at `start`. */
  match(text: string, start: number): RegExpExecArray | null {
    this.#at ??= this.#compile("y");
    this.#at.lastIndex = start;
    return this.#at.exec(text);
  }

  /** End of a match, without a final newline that `$` swallowed. */
  endOf(found: RegExpExecArray): number {
    let end = found.index + found[0].length;
    const { newlines } = this.printed;
    for (let i = 0; i < newlines.length; i++) end -= found[newlines[i]!]?.length ?? 0;
    return end;
  }

  /** Places of the engine's groups in the match that begins at `start`. */
  indices(text: string, start: number): readonly (readonly [number, number] | undefined)[] {
    this.#indices ??= this.#compile("dy");
    this.#indices.lastIndex = start;
    return this.#indices.exec(text)?.indices ?? [];
  }

  #searchFrom(text: string, start: number): RegExpExecArray | null {
    this.#from ??= this.#compile("g");
    this.#from.lastIndex = start;
    return this.#from.exec(text);
  }

  #compile(flags: string): RegExp {
    return new RegExp(this.#source, this.#unicode ? `v${flags}` : flags);
  }
}

function isInsidePair(text: string, at: number): boolean {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}
