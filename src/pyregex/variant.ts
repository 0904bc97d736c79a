import type { Node } from "./ast.ts";
import { type Printed, print } from "./print.ts";

/** One compilation of a pattern by the engine, for ASCII texts or for all texts. */
export class Variant {
  readonly printed: Printed;
  readonly #root: Node;
  readonly #unicode: boolean;
  readonly #search: RegExp;
  #from: RegExp | null = null;
  #at: RegExp | null = null;
  #whole: RegExp | null = null;
  #indices: RegExp | null = null;

  /** @throws SyntaxError when the engine refuses the pattern (too large) */
  constructor(root: Node, groupCount: number, unicode: boolean) {
    this.#root = root;
    this.#unicode = unicode;
    this.printed = print(root, groupCount, { unicode, swallowNewline: true });
    this.#search = this.#compile("");
    // The engine compiles at the first use; what it refuses must come to light here.
    this.#search.test("");
  }

  /** The first match that begins at `start` or later. */
  search(text: string, start: number): RegExpExecArray | null {
    if (start === 0) return this.#search.exec(text);
    this.#from ??= this.#compile("g");
    this.#from.lastIndex = start;
    return this.#from.exec(text);
  }

  /** The match that begins exactly at `start`. */
  match(text: string, start: number): RegExpExecArray | null {
    this.#at ??= this.#compile("y");
    this.#at.lastIndex = start;
    return this.#at.exec(text);
  }

  /** The match from `start` to the end of the text. Its groups are numbered as in `printed`, without `newlines`. */
  fullMatch(text: string, start: number): boolean {
    if (!this.#whole) {
      const printed = print(this.#root, this.printed.groups.length - 1, {
        unicode: this.#unicode,
        swallowNewline: false,
      });
      this.#whole = new RegExp(`(?:${printed.source})$`, this.#unicode ? "vy" : "y");
    }
    this.#whole.lastIndex = start;
    return this.#whole.test(text);
  }

  /** Places of the groups of the match that begins at `start`. */
  indices(text: string, start: number): readonly (readonly [number, number] | undefined)[] {
    this.#indices ??= this.#compile("dy");
    this.#indices.lastIndex = start;
    return this.#indices.exec(text)?.indices ?? [];
  }

  #compile(flags: string): RegExp {
    return new RegExp(this.printed.source, this.#unicode ? `v${flags}` : flags);
  }
}
