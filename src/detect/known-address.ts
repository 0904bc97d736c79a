import { Identifier } from "../net/identifier.ts";
import { ownText } from "../pyvalue/own-text.ts";
import type { Identity } from "./captured.ts";
import type { Whom } from "./subject.ts";
import { textHash } from "./text-hash.ts";

/** Whom captured groups are about that captured one address and nothing else, as is nearly always the case. */
export class KnownAddress implements Identity {
  readonly fid = null;
  readonly ip4: string | null;
  readonly ip6: string | null;
  readonly dns = null;
  readonly cidr = null;
  readonly whom: Whom;

  /** Use {@link knownAddress}. */
  constructor(text: string, family: "inet4" | "inet6") {
    this.ip4 = family === "inet4" ? text : null;
    this.ip6 = family === "inet6" ? text : null;
    this.whom = { subject: { id: Identifier.parse(text, { family, cidr: null }) }, ip: null };
  }
}

/** The address that was captured as this text; the same ones turn up again and again. */
export function knownAddress(text: string, family: "inet4" | "inet6"): KnownAddress {
  recent ??= new Array<KnownAddress | null>(PLACES).fill(null);
  // Two places for each hash: the first for the newer one.
  const place = (textHash(text) % PLACES) & ~1;
  for (let at = place; at < place + 2; at++) {
    const known = recent[at]!;
    if (known !== null && (family === "inet4" ? known.ip4 : known.ip6) === text) return known;
  }
  const made = new KnownAddress(ownText(text), family);
  recent[place + 1] = recent[place]!;
  recent[place] = made;
  return made;
}

const PLACES = 1 << 14;
/** Addresses that were met lately. */
let recent: (KnownAddress | null)[] | null = null;
