import type { FailureData, FailureValue, MatchedLine } from "./failure.ts";

/** Groups that mean something to detection itself. */
export const MEANINGFUL_GROUPS = [
  "mlfid",
  "nofail",
  "mlfgained",
  "mlfforget",
  "user",
  "fid",
  "ip4",
  "ip6",
  "dns",
  "cidr",
] as const;

export type MeaningfulGroup = (typeof MEANINGFUL_GROUPS)[number];

/** What each of these groups captured; `null` when it captured nothing, or there is none of this name. */
export type Meaning = Readonly<Record<MeaningfulGroup, FailureValue>>;

/** What expressions captured in a line (or several). Most of it is never asked for, so it is given when asked. */
export interface Captured extends Meaning {
  /** All groups by name, as a new object. */
  groups(): FailureData;
  /** The lines, which hold on to nothing else. */
  readonly lines: readonly MatchedLine[];
}

/** Something that tells everything about a failure, when it is asked for. */
export interface Evidence {
  /** The matched lines, as in the data. */
  readonly lines: readonly MatchedLine[];
  data(): FailureData;
}

/** Whom captured groups are about. */
export type Identity = Pick<Meaning, "fid" | "ip4" | "ip6" | "dns" | "cidr">;

/** Whom several lines are about: the last value of each group that captured something. */
export function joinedIdentity(earlier: Identity, later: Identity): Identity {
  return {
    fid: later.fid ?? earlier.fid,
    ip4: later.ip4 ?? earlier.ip4,
    ip6: later.ip6 ?? earlier.ip6,
    dns: later.dns ?? earlier.dns,
    cidr: later.cidr ?? earlier.cidr,
  };
}

/** Whether there is anything that can say whom a failure is about. */
export function isKnown({ fid, ip4, ip6, dns }: Identity): boolean {
  return isSet(ip4) || isSet(ip6) || isSet(dns) || isSet(fid);
}

/** Whether a group captured something that is not empty. */
export function isSet(value: FailureValue): boolean {
  return value !== null && value !== "";
}
