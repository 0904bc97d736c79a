import type { FailureData, FailureValue, MatchedLine } from "./failure.ts";

/** Groups that mean something to detection itself; their order is that of {@link Expression.addMeaning}. */
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

/** What expressions captured in a line (or several). Most of it is never asked for, so it is given when asked. */
export interface Captured {
  /** What stands for the session that the line belongs to; no text: it belongs to none. */
  readonly mlfid: FailureValue;
  readonly user: FailureValue;
  /** Which of the groups that only say what the line means captured something. */
  readonly signs: Signs;
  readonly identity: Identity;
  /** All groups by name, as a new object. */
  groups(): FailureData;
  /** The lines, which hold on to nothing else. */
  readonly lines: readonly MatchedLine[];
}

/** What a line says of its session. */
export interface Signs {
  /** The line alone is no failure. */
  readonly noFail: boolean;
  /** Access was granted: earlier failures of which nobody knows the culprit are forgiven. */
  readonly gained: boolean;
  /** The connection ends. */
  readonly forget: boolean;
}

/** The signs that these values of the groups `nofail`, `mlfgained` and `mlfforget` are; each is made only once. */
export function signsOf(nofail: FailureValue, mlfgained: FailureValue, mlfforget: FailureValue): Signs {
  const gained = isSet(mlfgained);
  return SIGNS[(gained || isSet(nofail) ? 1 : 0) + (gained ? 2 : 0) + (isSet(mlfforget) ? 4 : 0)]!;
}

const SIGNS: readonly Signs[] = Array.from({ length: 8 }, (_, bits) => ({
  noFail: (bits & 1) !== 0,
  gained: (bits & 2) !== 0,
  forget: (bits & 4) !== 0,
}));

/** Something that tells everything about a failure, when it is asked for. */
export interface Evidence {
  /** The matched lines, as in the data. */
  readonly lines: readonly MatchedLine[];
  data(): FailureData;
}

/** Whom captured groups are about. */
export interface Identity extends Readonly<Record<"fid" | "ip4" | "ip6" | "dns" | "cidr", FailureValue>> {
  /** True where it is known without a look at the groups that they say whom. */
  readonly isCertain?: boolean;
}

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
export function isKnown({ isCertain, fid, ip4, ip6, dns }: Identity): boolean {
  if (isCertain) return true;
  return isSet(ip4) || isSet(ip6) || isSet(dns) || isSet(fid);
}

/** Whether a group captured something that is not empty. */
export function isSet(value: FailureValue): boolean {
  return value !== null && value !== "";
}
