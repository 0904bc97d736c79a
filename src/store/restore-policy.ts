import type { StoredBan } from "./stored-ban.ts";

/** What decides about the bans that a jail takes over from the database when it starts. */
export interface RestorePolicy {
  /** Seconds since 1970 UTC. */
  readonly now: number;
  /** The jail's `bantime` in seconds; -1 for ever. */
  readonly banTime: number;
  /** Whether the jail lengthens ban times (`bantime.increment`). */
  readonly increment: boolean;
  /** `bantime.maxtime` in seconds, if set. */
  readonly maxTime?: number | null;
  /** Most matched lines to keep for each ban. */
  readonly maxMatches: number;
}

/** Stored instead of a ban time by old versions that did not store any. */
const UNKNOWN_BAN_TIME = -2;

/**
 * Whether only bans count that are younger than the jail's ban time. So a `bantime` that was made shorter shortens
 * the bans of before; one that was made longer does not lengthen them.
 */
export function limitsAge(policy: RestorePolicy): boolean {
  return !policy.increment && policy.banTime !== -1;
}

/**
 * How long a ban from the database is to last by the jail's present settings, counted from its begin; `null` when it
 * is over.
 *
 * An unknown ban time becomes the jail's. What is longer than the longest time allowed (`maxtime` where ban times are
 * lengthened, else the jail's ban time, if that is not for ever), bans for ever included, is cut to it.
 */
export function restoredBanTime(
  ban: Pick<StoredBan, "timeOfBan" | "bantime">,
  policy: RestorePolicy,
): number | null {
  let time = ban.bantime === UNKNOWN_BAN_TIME ? policy.banTime : ban.bantime;
  const most = longestTime(policy);
  if (most !== null && (time === -1 || time > most)) time = most;
  if (time !== -1 && ban.timeOfBan + time <= policy.now) return null;
  return time;
}

function longestTime(policy: RestorePolicy): number | null {
  if (policy.increment) return policy.maxTime || null;
  return policy.banTime === -1 ? null : policy.banTime;
}
