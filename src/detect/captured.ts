import type { FailureData, FailureValue, MatchedLine } from "./failure.ts";
import type { Keyed } from "./recent-map.ts";

/**
 * Groups that mean something to detection itself, numbered in the order of {@link Expression.addMeaning}. Those that say
 * whom a line is about come last.
 */
export const MEANING = {
  mlfid: 0,
  nofail: 1,
  mlfgained: 2,
  mlfforget: 3,
  user: 4,
  fid: 5,
  ip4: 6,
  ip6: 7,
  dns: 8,
  cidr: 9,
} as const;
export const MEANINGFUL_GROUPS = Object.keys(MEANING) as readonly (keyof typeof MEANING)[];

/** Whom something is about. Many are only counted, so an address need not be worked out to know that it is one. */
export interface About {
  /** It is about an address, and only that. */
  readonly isAddress: boolean;
  readonly identity: Identity;
}

/** What expressions captured in a line (or several). Most of it is never asked for, so it is given when asked. */
export interface Captured extends About {
  /** The session that the line belongs to, by what `<F-MLFID>` captured; `null`: it belongs to none. */
  readonly session: Keyed | null;
  readonly user: FailureValue;
  /** Which of the groups that only say what the line means captured something. */
  readonly signs: Signs;
  /** All groups by name, as a new object. */
  groups(): FailureData;
  /** The lines, which hold on to nothing else. */
  readonly lines: readonly MatchedLine[];
  /** Lets go of the block that the lines came from; until then all of it is held in memory. */
  detach(): void;
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

/** The signs that are given by which of these groups captured something; each is made only once. */
export function signsOf(nofail: boolean, mlfgained: boolean, mlfforget: boolean): Signs {
  return SIGNS[(mlfgained || nofail ? 1 : 0) + (mlfgained ? 2 : 0) + (mlfforget ? 4 : 0)]!;
}

const SIGNS: readonly Signs[] = Array.from({ length: 8 }, (_, bits) => ({
  noFail: (bits & 1) !== 0,
  gained: (bits & 2) !== 0,
  forget: (bits & 4) !== 0,
}));

/** Something that tells everything about a failure, when it is asked for. */
export interface Evidence extends About {
  /** The matched lines, as in the data. */
  readonly lines: readonly MatchedLine[];
  data(): FailureData;
}

/** Whom captured groups are about. */
export type Identity = Readonly<Record<"fid" | "ip4" | "ip6" | "dns" | "cidr", FailureValue>>;

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
