import { ownText } from "../pyvalue/own-text.ts";
import {
  type Captured,
  type Evidence,
  type Identity,
  MEANINGFUL_GROUPS,
  type Signs,
  signsOf,
} from "./captured.ts";
import type { DatedLine } from "./dated-line.ts";
import type { Expression } from "./expression.ts";
import type { FailureData, FailureValue } from "./failure.ts";
import { type KnownAddress, knownAddress } from "./known-address.ts";
import type { LineParts } from "./line-buffer.ts";

/**
 * A failregex that matched, with what it captured. Thousands may be held until a block of lines has been read, so
 * only what is always asked for is kept; for the rest the expressions are tried again on the same text.
 */
export class Hit implements Captured, Evidence {
  /** Index of the failregex. */
  readonly regex: number;
  readonly mlfid: FailureValue;
  readonly signs: Signs;
  readonly user: FailureValue;
  readonly identity: Identity;
  readonly line: DatedLine;
  readonly #expression: Expression;
  /** The text in which the failregex matched, or where in the line's text that begins. */
  readonly #text: string | number;
  readonly #prefix: Expression | null;
  /** The text in which the prefregex matched; `null`: the line's. */
  readonly #prefixText: string | null;
  #lines: readonly LineParts[] | null;

  /**
   * @param regex index of the failregex
   * @param expression the failregex
   * @param meaning what the meaningful groups of prefregex and failregex captured, in their order
   * @param text the text in which the failregex matched, or where in the line's text that begins
   * @param prefix the prefregex
   * @param prefixText the text in which it matched; `null`: the line's
   * @param line the line at work; it is detached from the block it came from
   * @param lines the lines that took part, if these are not just the line at work
   * @param address whom the groups are about, if that is known already
   */
  constructor(
    regex: number,
    expression: Expression,
    meaning: readonly FailureValue[],
    text: string | number,
    prefix: Expression | null,
    prefixText: string | null,
    line: DatedLine,
    lines: readonly LineParts[] | null,
    address: KnownAddress | null = null,
  ) {
    this.regex = regex;
    this.mlfid = meaning[0]!;
    this.signs = signsOf(meaning[1]!, meaning[2]!, meaning[3]!);
    this.user = meaning[4]!;
    this.identity = address ?? identityOf(meaning[5]!, meaning[6]!, meaning[7]!, meaning[8]!, meaning[9]!);
    this.#expression = expression;
    this.#text = text;
    this.#prefix = prefix;
    this.#prefixText = prefixText;
    line.detach();
    this.line = line;
    this.#lines = lines === null ? null : lines.map(ownLine);
  }

  groups(): FailureData {
    const { searched } = this.line;
    const text = typeof this.#text === "string" ? this.#text : searched.slice(this.#text);
    const match = this.#expression.search(text)!;
    if (this.#prefix === null) return this.#expression.groups(match);
    const inherited = this.#prefix.groupsBesideContent(this.#prefix.search(this.#prefixText ?? searched)!);
    return this.#expression.groups(match, inherited);
  }

  get lines(): readonly LineParts[] {
    this.#lines ??= [this.line.parts];
    return this.#lines;
  }

  data(): FailureData {
    const data = this.groups();
    data["matches"] = this.lines;
    return data;
  }
}

/** Room for what the meaningful groups captured, in a list that serves for one hit after the other. */
export function noMeaning(): FailureValue[] {
  for (let i = 0; i < MEANING.length; i++) MEANING[i] = null;
  return MEANING;
}

const MEANING: FailureValue[] = MEANINGFUL_GROUPS.map(() => null);

function identityOf(
  fid: FailureValue,
  ip4: FailureValue,
  ip6: FailureValue,
  dns: FailureValue,
  cidr: FailureValue,
): Identity {
  if (fid === null && dns === null && cidr === null) {
    if (ip6 === null && typeof ip4 === "string" && ip4 !== "") return knownAddress(ip4, "inet4");
    if (ip4 === null && typeof ip6 === "string" && ip6 !== "") return knownAddress(ip6, "inet6");
  }
  return { fid, ip4, ip6, dns, cidr };
}

function ownLine([before, date, after]: LineParts): LineParts {
  const own = ownText(before + date + after);
  const end = before.length + date.length;
  return [own.slice(0, before.length), own.slice(before.length, end), own.slice(end)];
}
