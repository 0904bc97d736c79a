import { PyRegexError } from "./error.ts";

/**
 * Reads a pattern token by token: a character, or a backslash with the character after it. Always looks one
 * token ahead, because a lone backslash at the end is reported before anything else, as Python does.
 */
export class Reader {
  readonly pattern: string;
  readonly #chars: readonly string[];
  #index = 0;
  #next: string | null = null;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.#chars = [...pattern];
    this.#advance();
  }

  /** The token to come, or `null` at the end. */
  get next(): string | null {
    return this.#next;
  }

  /** Position of the token to come, in characters. */
  get position(): number {
    return this.#index - tokenLength(this.#next);
  }

  /** Takes the next token; `null` at the end. */
  take(): string | null {
    const token = this.#next;
    this.#advance();
    return token;
  }

  /** Takes the next token if it is `token`. */
  accept(token: string): boolean {
    if (this.#next !== token) return false;
    this.#advance();
    return true;
  }

  /** Takes up to `limit` tokens that `allowed` matches. */
  takeWhile(limit: number, allowed: RegExp): string {
    let text = "";
    for (let i = 0; i < limit && this.#next !== null && allowed.test(this.#next); i++) text += this.take();
    return text;
  }

  /** Takes everything up to `terminator`, and that too; the text before it must not be empty. */
  takeUntil(terminator: string, what: string): string {
    let text = "";
    for (;;) {
      const token = this.take();
      if (token === null) {
        if (text === "") throw this.error(`missing ${what}`);
        throw this.error(`missing ${terminator}, unterminated name`, [...text].length);
      }
      if (token === terminator) break;
      text += token;
    }
    if (text === "") throw this.error(`missing ${what}`, 1);
    return text;
  }

  /** Goes back (or forward) to a position. */
  seek(position: number): void {
    this.#index = position;
    this.#advance();
  }

  /** An error at `back` characters before the token to come. */
  error(reason: string, back = 0): PyRegexError {
    return new PyRegexError(reason, this.pattern, this.position - back);
  }

  #advance(): void {
    const char = this.#chars[this.#index];
    if (char === undefined) {
      this.#next = null;
      return;
    }
    if (char !== "\\") {
      this.#next = char;
      this.#index += 1;
      return;
    }
    const escaped = this.#chars[this.#index + 1];
    if (escaped === undefined) {
      throw new PyRegexError("bad escape (end of pattern)", this.pattern, this.#chars.length - 1);
    }
    this.#next = char + escaped;
    this.#index += 2;
  }
}

function tokenLength(token: string | null): number {
  if (token === null) return 0;
  return token.startsWith("\\") ? 2 : 1;
}
