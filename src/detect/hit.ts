import type { Family } from "../net/identifier.ts";
import { ownText } from "../pyvalue/own-text.ts";
import {
  type Captured,
  type Evidence,
  type Identity,
  isSet,
  MEANING,
  MEANINGFUL_GROUPS,
  type Signs,
  signsOf,
} from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Expression } from "./expression.ts";
import type { FailureData, FailureValue } from "./failure.ts";
import { KnownAddress, knownAddress } from "./known-address.ts";
import type { LineParts } from "./line-buffer.ts";
import type { Keyed } from "./recent-map.ts";
import { textHash } from "./text-hash.ts";

/**
 * A failregex that matched, with what it captured. There may be one for each line of a log, so only what is always asked
 * for is kept; for the rest the expressions are tried again on the same text.
 */
export abstract class Hit implements Captured, Evidence {
  /** Index of the failregex. */
  readonly regex: number;
  readonly signs: Signs;
  readonly line: DatedLine;
  readonly #expression: Expression;
  readonly #prefix: Expression | null;

  /**
   * @param regex index of the failregex
   * @param expression the failregex
   * @param prefix the prefregex
   * @param line the line at work
   */
  constructor(
    regex: number,
    expression: Expression,
    prefix: Expression | null,
    line: DatedLine,
    signs: Signs,
  ) {
    this.regex = regex;
    this.#expression = expression;
    this.#prefix = prefix;
    this.line = line;
    this.signs = signs;
  }

  abstract readonly isAddress: boolean;
  abstract readonly identity: Identity;
  abstract readonly session: Keyed | null;
  abstract readonly user: FailureValue;
  abstract readonly lines: readonly LineParts[];
  /** The text in which the failregex matched. */
  protected abstract readonly text: string;
  /** The text in which the prefregex matched. */
  protected abstract readonly prefixText: string;

  groups(): FailureData {
    const match = this.#expression.search(this.text)!;
    if (this.#prefix === null) return this.#expression.groups(match);
    const inherited = this.#prefix.groupsBesideContent(this.#prefix.search(this.prefixText)!);
    return this.#expression.groups(match, inherited);
  }

  data(): FailureData {
    const data = this.groups();
    data["matches"] = this.lines;
    return data;
  }

  detach(): void {
    this.line.detach();
  }
}

/** A hit in a text, which may be of several lines. */
export class TextHit extends Hit {
  readonly identity: Identity;
  readonly session: Keyed | null;
  readonly user: FailureValue;
  readonly text: string;
  readonly prefixText: string;
  #lines: readonly LineParts[] | null;

  /**
   * @param meaning what the meaningful groups of prefregex and failregex captured, in their order
   * @param text the text in which the failregex matched
   * @param prefixText the text in which the prefregex matched
   * @param lines the lines that took part, if these are not just the line at work
   */
  constructor(
    regex: number,
    expression: Expression,
    prefix: Expression | null,
    line: DatedLine,
    meaning: readonly FailureValue[],
    text: string,
    prefixText: string,
    lines: readonly LineParts[] | null,
  ) {
    const signs = signsOf(
      isSet(meaning[MEANING.nofail]!),
      isSet(meaning[MEANING.mlfgained]!),
      isSet(meaning[MEANING.mlfforget]!),
    );
    super(regex, expression, prefix, line, signs);
    this.identity = identityOf(meaning);
    line.detach();
    const mlfid = meaning[MEANING.mlfid]!;
    this.session = typeof mlfid === "string" ? { key: mlfid, hash: textHash(mlfid) } : null;
    this.user = meaning[MEANING.user]!;
    this.text = text;
    this.prefixText = prefixText;
    this.#lines = lines === null ? null : lines.map(ownParts);
  }

  get isAddress(): boolean {
    return this.identity instanceof KnownAddress;
  }

  get lines(): readonly LineParts[] {
    this.#lines ??= [this.line.parts];
    return this.#lines;
  }
}

/** What a hit in bytes captured: places in the line without its date, -1 where a group took no part. */
export interface CapturedPlaces {
  /** Where the text begins in which the failregex matched. */
  readonly content: number;
  readonly mlfidStart: number;
  readonly mlfidEnd: number;
  /** Hash of the text between these. */
  readonly mlfidHash: number;
  readonly userStart: number;
  readonly userEnd: number;
  /** Family of the address, which alone says whom it is about; `null`: no address does, or not alone. */
  readonly family: Family | null;
  readonly addressStart: number;
  readonly addressEnd: number;
}

/** A hit in a line of a block of bytes. It makes texts only of what is asked for. */
export class ScannedHit extends Hit implements Keyed {
  readonly hash: number;
  readonly #content: number;
  readonly #mlfidStart: number;
  readonly #mlfidEnd: number;
  readonly #userStart: number;
  readonly #userEnd: number;
  readonly #family: Family | null;
  readonly #addressStart: number;
  readonly #addressEnd: number;
  /** `null`: not worked out yet. */
  #identity: Identity | null;

  /**
   * @param identity whom it is about; `null`: the address
   * @param places are only read now
   */
  constructor(
    regex: number,
    expression: Expression,
    prefix: Expression | null,
    line: DatedLine,
    signs: Signs,
    identity: Identity | null,
    places: CapturedPlaces,
  ) {
    super(regex, expression, prefix, line, signs);
    this.#identity = identity;
    this.hash = places.mlfidHash;
    this.#content = places.content;
    this.#mlfidStart = places.mlfidStart;
    this.#mlfidEnd = places.mlfidEnd;
    this.#userStart = places.userStart;
    this.#userEnd = places.userEnd;
    this.#family = places.family;
    this.#addressStart = places.addressStart;
    this.#addressEnd = places.addressEnd;
  }

  get isAddress(): boolean {
    return this.#family !== null;
  }

  get identity(): Identity {
    if (this.#identity === null) {
      const address = this.line.searched.slice(this.#addressStart, this.#addressEnd);
      this.#identity = knownAddress(address, this.#family!);
    }
    return this.#identity;
  }

  get session(): Keyed | null {
    return this.#mlfidStart < 0 ? null : this;
  }

  get key(): string {
    return this.line.searched.slice(this.#mlfidStart, this.#mlfidEnd);
  }

  get user(): string | null {
    return this.#userStart < 0 ? null : this.line.searched.slice(this.#userStart, this.#userEnd);
  }

  get lines(): readonly LineParts[] {
    this.line.detach();
    return [this.line.parts];
  }

  protected get text(): string {
    return this.line.searched.slice(this.#content);
  }

  protected get prefixText(): string {
    return this.line.searched;
  }
}

/** Room for what the meaningful groups captured, in a list that serves for one hit after the other. */
export function noMeaning(): FailureValue[] {
  for (let i = 0; i < ROOM.length; i++) ROOM[i] = null;
  return ROOM;
}

const ROOM: FailureValue[] = MEANINGFUL_GROUPS.map(() => null);

/** Whom it is about that the meaningful groups captured this. */
export function identityOf(meaning: readonly FailureValue[]): Identity {
  const fid = meaning[MEANING.fid]!;
  const ip4 = meaning[MEANING.ip4]!;
  const ip6 = meaning[MEANING.ip6]!;
  const dns = meaning[MEANING.dns]!;
  const cidr = meaning[MEANING.cidr]!;
  if (fid === null && dns === null && cidr === null) {
    if (ip6 === null && typeof ip4 === "string" && ip4 !== "") return knownAddress(ip4, "inet4");
    if (ip4 === null && typeof ip6 === "string" && ip6 !== "") return knownAddress(ip6, "inet6");
  }
  return { fid, ip4, ip6, dns, cidr };
}

function ownParts([before, date, after]: LineParts): LineParts {
  const own = ownText(before + date + after);
  const end = before.length + date.length;
  return [own.slice(0, before.length), own.slice(before.length, end), own.slice(end)];
}
