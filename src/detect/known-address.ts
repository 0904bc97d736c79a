import { Identifier } from "../net/identifier.ts";
import { ownText } from "../pyvalue/own-text.ts";
import type { Identity } from "./captured.ts";
import type { Whom } from "./subject.ts";
import { textHash } from "./text-hash.ts";

/** Whom captured groups are about that captured one address and nothing else, as is nearly always the case. */
export class KnownAddress implements Identity, Whom {
  // First what is read for each line: thousands of addresses lie about in memory, and each look at another place of it
  // takes longer than all the rest.
  /** The 32 bits of an address in the usual form, else {@link NO_NUMBER}. */
  readonly number: number;
  readonly subject = this;
  readonly id: Identifier;
  readonly ip = null;
  readonly ip4: string | null;
  readonly ip6: string | null;
  readonly fid = null;
  readonly dns = null;
  readonly cidr = null;

  /** Use {@link knownAddress}. */
  constructor(text: string, family: "inet4" | "inet6", number: number) {
    this.number = number;
    this.id = Identifier.parse(text, { family, cidr: null });
    this.ip4 = family === "inet4" ? text : null;
    this.ip6 = family === "inet6" ? text : null;
  }
}

/** The address that was captured as this text; the same ones turn up again and again. */
export function knownAddress(text: string, family: "inet4" | "inet6"): KnownAddress {
  const number = family === "inet4" ? numberOf(text) : NO_NUMBER;
  return number === NO_NUMBER ? knownByText(text, family) : knownByNumber(number, text);
}

/** Addresses in the usual form are told apart by their numbers, without a look at texts anywhere in memory. */
function knownByNumber(number: number, text: string): KnownAddress {
  const known = findByNumber(number);
  if (known !== null) return known;
  recentByNumber ??= new Array<KnownAddress | null>(PLACES).fill(null);
  const place = placeOf(number);
  const made = new KnownAddress(ownText(text), "inet4", number);
  recentByNumber[place + 1] = recentByNumber[place]!;
  recentByNumber[place] = made;
  return made;
}

function findByNumber(number: number): KnownAddress | null {
  if (recentByNumber === null) return null;
  const place = placeOf(number);
  for (let at = place; at < place + 2; at++) {
    const known = recentByNumber[at]!;
    if (known !== null && known.number === number) return known;
  }
  return null;
}

/** The first of the two places for a number. */
function placeOf(number: number): number {
  return (Math.imul(number, SPREAD) >>> PLACE_SHIFT) & ~1;
}

/** The first of the two places for a hash: that for the newer one. */
function placeOfHash(hash: number): number {
  return hash & (PLACES - 1) & ~1;
}

function knownByText(text: string, family: "inet4" | "inet6"): KnownAddress {
  recent ??= new Array<KnownAddress | null>(PLACES).fill(null);
  const place = placeOfHash(textHash(text));
  for (let at = place; at < place + 2; at++) {
    const known = recent[at]!;
    if (known !== null && (family === "inet4" ? known.ip4 : known.ip6) === text) return known;
  }
  const made = new KnownAddress(ownText(text), family, NO_NUMBER);
  recent[place + 1] = recent[place]!;
  recent[place] = made;
  return made;
}

/** The 32 bits of four numbers without zeros in front, which no other text stands for; else {@link NO_NUMBER}. */
function numberOf(text: string): number {
  if (text.length > LONGEST) return NO_NUMBER;
  let number = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= NINE) {
      if (part === 0) return NO_NUMBER;
      part = part < 0 ? code - ZERO : part * 10 + code - ZERO;
    } else {
      if (code !== DOT || part < 0 || part > 255) return NO_NUMBER;
      number = (number << 8) | part;
      part = -1;
      dots++;
    }
  }
  return dots !== 3 || part < 0 || part > 255 ? NO_NUMBER : (number << 8) | part;
}

/** Length of the longest address in the usual form. */
const LONGEST = 15;
/** That of the one address that is never known by its number: 255.255.255.255. */
const NO_NUMBER = -1;
const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const PLACE_BITS = 14;
const PLACES = 1 << PLACE_BITS;
const PLACE_SHIFT = 32 - PLACE_BITS;
/** Spreads neighbouring numbers: 2 to the power of 32 over the golden ratio. */
const SPREAD = 0x9e3779b1 | 0;
/** Addresses that were met lately, by their texts and by their numbers. */
let recent: (KnownAddress | null)[] | null = null;
let recentByNumber: (KnownAddress | null)[] | null = null;
