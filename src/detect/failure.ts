import type { Identifier } from "../net/identifier.ts";

/**
 * One matched line as it is kept for reports: the whole line, or its three parts before the date, the date
 * and after it. The line is their concatenation.
 */
export type MatchedLine = string | readonly [before: string, date: string, after: string];

/**
 * What a failure is known by: all captured groups by name (`ip4`, `user`, `fid`, …), plus `matches` and, for
 * sessions over several lines, `mlfid` and `users`.
 */
export type FailureData = Record<string, FailureValue>;

/** A captured text, a tuple of texts (`<F-TUPLE_…>`), the matched lines, or the users of a session. */
export type FailureValue = string | null | readonly (string | null)[] | readonly MatchedLine[] | Set<string>;

/** What detection says of a line: somebody failed. */
export interface Failure {
  /** Index of the failregex that matched. */
  readonly regex: number;
  /** Whom it is about: a final identifier, or a host name that has yet to be resolved to addresses. */
  readonly subject: { readonly id: Identifier } | { readonly hostName: string };
  /** Time of the failure, seconds since 1970 UTC. */
  readonly time: number;
  /** True where the reference computes `time` as an integer (explicit zone), not as a float. */
  readonly timeIsInteger: boolean;
  readonly data: FailureData;
  /** The lines of the data, where they can be had without all of it. */
  readonly matches?: readonly MatchedLine[];
}

/** The lines of a failure's data, oldest first. */
export function matchesOf(data: FailureData): readonly MatchedLine[] {
  return (data["matches"] as readonly MatchedLine[] | undefined) ?? [];
}

/** A matched line as one text. */
export function lineText(line: MatchedLine): string {
  return typeof line === "string" ? line : line.join("");
}
