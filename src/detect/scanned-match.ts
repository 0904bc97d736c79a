import type { Family } from "../net/identifier.ts";
import { type Identity, MEANING, MEANINGFUL_GROUPS, type Signs, signsOf } from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import type { ExpressionScanner } from "./expression-scanner.ts";
import type { FailureValue } from "./failure.ts";
import { type CapturedPlaces, identityOf } from "./hit.ts";
import { hashOfBytes } from "./text-hash.ts";

/**
 * What the failregex at work captured in a line, and the prefregex where the failregex did not. There is one for all
 * matches of a filter, the last of which it shows.
 */
export class ScannedMatch implements CapturedPlaces {
  /** For each of the meaningful groups where it began and ended; -1: it took no part. */
  readonly #places = new Int32Array(2 * MEANINGFUL_GROUPS.length);
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
    const places = this.#places;
    for (let i = 0; i < places.length; i++) places[i] = NOWHERE;
    prefRegex?.putPlaces(places);
    failRegex.putPlaces(places);
    this.#bytes = bytes;
    this.#start = start;
    this.content = content - start;
    this.#addressGroup = this.#findAddress();
  }

  get mlfidStart(): number {
    return this.#startOf(MEANING.mlfid);
  }

  get mlfidEnd(): number {
    return this.#endOf(MEANING.mlfid);
  }

  get mlfidHash(): number {
    const start = this.#places[2 * MEANING.mlfid]!;
    return start < 0 ? 0 : hashOfBytes(this.#bytes, start, this.#places[2 * MEANING.mlfid + 1]!);
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
    const group = this.#addressGroup;
    return group < 0 ? null : group === MEANING.ip4 ? "inet4" : "inet6";
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

  #findAddress(): number {
    let only = -1;
    for (let group: number = MEANING.fid; group < MEANINGFUL_GROUPS.length; group++) {
      if (this.#places[2 * group]! < 0) continue;
      if (only >= 0) return -1;
      only = group;
    }
    return (only === MEANING.ip4 || only === MEANING.ip6) && this.#hasText(only) ? only : -1;
  }

  #startOf(group: number): number {
    return this.#inLine(group < 0 ? NOWHERE : this.#places[2 * group]!);
  }

  #endOf(group: number): number {
    return this.#inLine(group < 0 ? NOWHERE : this.#places[2 * group + 1]!);
  }

  #inLine(place: number): number {
    return place < 0 ? NOWHERE : place - this.#start;
  }

  #hasText(group: number): boolean {
    return this.#places[2 * group]! < this.#places[2 * group + 1]!;
  }
}

const NO_BYTES = new Uint8Array(0);
const NOWHERE = -1;
