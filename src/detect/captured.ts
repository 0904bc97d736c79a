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

/** What expressions captured in a line (or several). Most of it is never asked for, so it is given when asked. */
export interface Captured {
  /** The value of a group; `null` when it captured nothing, or there is none of this name. */
  value(group: MeaningfulGroup): FailureValue;
  /** All groups by name, as a new object. */
  groups(): FailureData;
  /** The lines, which hold on to nothing else. */
  readonly lines: readonly MatchedLine[];
}

/** Something that tells everything about a failure, when it is asked for. */
export interface Evidence {
  data(): FailureData;
}

/** Whom captured groups are about: the last value of each that captured something. */
export class Identity {
  fid: FailureValue = null;
  ip4: FailureValue = null;
  ip6: FailureValue = null;
  dns: FailureValue = null;
  cidr: FailureValue = null;

  /** Takes over what was captured. */
  add(captured: Captured): void {
    this.ip4 = captured.value("ip4") ?? this.ip4;
    this.ip6 = captured.value("ip6") ?? this.ip6;
    this.dns = captured.value("dns") ?? this.dns;
    this.fid = captured.value("fid") ?? this.fid;
    this.cidr = captured.value("cidr") ?? this.cidr;
  }

  /** Whether there is anything that can say whom a failure is about. */
  get isKnown(): boolean {
    return isSet(this.ip4) || isSet(this.ip6) || isSet(this.dns) || isSet(this.fid);
  }
}

/** Whether a group captured something that is not empty. */
export function isSet(value: FailureValue): boolean {
  return value !== null && value !== "";
}
