import type { Family } from "../net/identifier.ts";
import { type Identity, MEANING, MEANINGFUL_GROUPS, type Signs, signsOf } from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import type { ExpressionScanner } from "./expression-scanner.ts";
import type { FailureValue } from "./failure.ts";
import { type CapturedPlaces, identityOf } from "./hit.ts";
import { hashOfBytes } from "./text-hash.ts";

/**
 * What the failregex at work captured in a line, and the prefregex where the failregex did not. There is one for all
 * matches of a filter, the last of which it shows: until one of the two searches again.
 */
export class ScannedMatch implements CapturedPlaces {
  #failRegex!: ExpressionScanner;
  #prefRegex: ExpressionScanner | null = null;
  #bytes: Uint8Array = NO_BYTES;
  #start = 0;
  /** The group of the address that alone says whom the match is about; -1: there is none. */
  #addressGroup = -1;
  content = 0;

  /**
   * @param start where in the bytes the line without its date begins
   * @param content where in the bytes that begins which the failregex matched
   */
  show(
    failRegex: ExpressionScanner,
    prefRegex: ExpressionScanner | null,
    bytes: Uint8Array,
    start: number,
    content: number,
  ): void {
    this.#failRegex = failRegex;
    this.#prefRegex = prefRegex;
    this.#bytes = bytes;
    this.#start = start;
    this.content = content - start;
    const only = prefRegex?.hasIdentity ? -1 : failRegex.onlyIdentity;
    const isAddress = (only === MEANING.ip4 || only === MEANING.ip6) && this.#hasText(only);
    this.#addressGroup = isAddress ? only : -1;
  }

  /** What the groups captured is all that there is to their meaning. */
  get isFull(): boolean {
    return this.#failRegex.hasFullMeaning && this.#prefRegex?.hasFullMeaning !== false;
  }

  get mlfidStart(): number {
    return this.#startOf(MEANING.mlfid);
  }

  get mlfidEnd(): number {
    return this.#endOf(MEANING.mlfid);
  }

  get mlfidHash(): number {
    const start = this.mlfidStart;
    return start < 0 ? 0 : hashOfBytes(this.#bytes, this.#start + start, this.#start + this.mlfidEnd);
  }

  get userStart(): number {
    return this.#startOf(MEANING.user);
  }

  get userEnd(): number {
    return this.#endOf(MEANING.user);
  }

  get signs(): Signs {
    return signsOf(
      this.#hasText(MEANING.nofail),
      this.#hasText(MEANING.mlfgained),
      this.#hasText(MEANING.mlfforget),
    );
  }

  get family(): Family | null {
    const only = this.#addressGroup;
    return only < 0 ? null : only === MEANING.ip4 ? "inet4" : "inet6";
  }

  get addressStart(): number {
    return this.#startOf(this.#addressGroup);
  }

  get addressEnd(): number {
    return this.#endOf(this.#addressGroup);
  }

  /** Whom the match is about. */
  identity(line: DatedLine): Identity {
    const meaning: FailureValue[] = MEANINGFUL_GROUPS.map(() => null);
    const { searched } = line;
    for (let group: number = MEANING.fid; group < meaning.length; group++) {
      const start = this.#startOf(group);
      if (start >= 0) meaning[group] = searched.slice(start, this.#endOf(group));
    }
    return identityOf(meaning);
  }

  #startOf(meaning: number): number {
    const start = this.#captor(meaning).startOf(meaning);
    return start < 0 ? start : start - this.#start;
  }

  #endOf(meaning: number): number {
    return this.#captor(meaning).endOf(meaning) - this.#start;
  }

  #hasText(meaning: number): boolean {
    const captor = this.#captor(meaning);
    return captor.startOf(meaning) < captor.endOf(meaning);
  }

  /** Which of the two has captured something for a group, if one has. */
  #captor(meaning: number): ExpressionScanner {
    const failRegex = this.#failRegex;
    return failRegex.startOf(meaning) >= 0 || this.#prefRegex === null ? failRegex : this.#prefRegex;
  }
}

const NO_BYTES = new Uint8Array(0);
