import type { ByteMatcher, ByteResult } from "../pyregex/byte-matcher.ts";
import { MEANINGFUL_GROUPS } from "./captured.ts";
import type { FailureValue } from "./failure.ts";

const IP4 = MEANINGFUL_GROUPS.indexOf("ip4");
/** Which of the meaningful groups say whom a match is about. */
const IDENTITY: ReadonlySet<number> = new Set(
  (["fid", "ip4", "ip6", "dns", "cidr"] as const).map((name) => MEANINGFUL_GROUPS.indexOf(name)),
);

/** One expression at work in the bytes of a block of lines. What it tells of a match is valid until it searches again. */
export class ExpressionScanner {
  readonly #matcher: ByteMatcher;
  /** For each group that the matcher tells of, which of the meaningful ones it is. */
  readonly #meanings: readonly number[];
  /** Number of the content among the groups that the matcher tells of, -1: there is none. */
  readonly #content: number;
  /** Numbers, among the groups that the matcher tells of, of the first that says whom, of the IPv4 address (-1: none), and of the others. */
  readonly #identities: number;
  readonly #ip4: number;
  readonly #otherIdentities: readonly number[];
  /** The matcher looks no further than the first character of a content that is the rest of the line. */
  readonly endsWithLine: boolean;
  /** What the meaningful groups captured is all that there is to their meaning. */
  readonly hasFullMeaning: boolean;

  /** @param matcher tells of the meaningful groups, then of the content if there is one */
  constructor(
    matcher: ByteMatcher,
    meanings: readonly number[],
    content: "none" | "part" | "rest of line",
    hasFullMeaning: boolean,
  ) {
    this.#matcher = matcher;
    this.#meanings = meanings;
    const groups = meanings.map((_, group) => group).filter((group) => IDENTITY.has(meanings[group]!));
    this.#identities = meanings.length - groups.length;
    this.#ip4 = meanings.indexOf(IP4);
    this.#otherIdentities = groups.filter((group) => group !== this.#ip4);
    this.#content = content === "none" ? -1 : meanings.length;
    this.endsWithLine = content === "rest of line";
    this.hasFullMeaning = hasFullMeaning;
  }

  /** Searches the bytes from `start` to `end` as if they were all of the text. */
  search(bytes: Uint8Array, start: number, end: number): ByteResult {
    return this.#matcher.search(bytes, start, end);
  }

  /** Whether some group can say whom a match is about. */
  get hasIdentity(): boolean {
    return this.#identities < this.#meanings.length;
  }

  /** Whether the content takes the place of the text; it may have captured nothing. */
  get hasContent(): boolean {
    return this.#content >= 0 && this.#matcher.startOf(this.#content) < this.#matcher.endOf(this.#content);
  }

  get contentStart(): number {
    return this.#matcher.startOf(this.#content);
  }

  get contentEnd(): number {
    return this.#matcher.endOf(this.#content);
  }

  /** Whether an IPv4 address, and nothing else, says whom the match is about. */
  get hasOnlyIp4(): boolean {
    if (this.#ip4 < 0 || this.#matcher.startOf(this.#ip4) < 0) return false;
    for (const group of this.#otherIdentities) if (this.#matcher.startOf(group) >= 0) return false;
    return true;
  }

  /** Where that address begins, and where it ends. */
  get ip4Start(): number {
    return this.#matcher.startOf(this.#ip4);
  }

  get ip4End(): number {
    return this.#matcher.endOf(this.#ip4);
  }

  /**
   * Puts what the meaningful groups captured at their places.
   *
   * @param text the text that was searched
   * @param start where it was said to begin
   * @param withIdentity whether those count that say whom the match is about
   */
  addMeaning(text: string, start: number, to: FailureValue[], withIdentity: boolean): void {
    // Those that say whom come last.
    const count = withIdentity ? this.#meanings.length : this.#identities;
    for (let i = 0; i < count; i++) {
      const from = this.#matcher.startOf(i);
      if (from >= 0) to[this.#meanings[i]!] = text.slice(from - start, this.#matcher.endOf(i) - start);
    }
  }
}
