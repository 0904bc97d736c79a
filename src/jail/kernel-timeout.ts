/** So many seconds later than the server the kernel lets go: usually the server lifts a ban, and finds it there. */
const MARGIN = 10;
/** Longer times are more than an ipset can hold. */
const LONGEST = 2_147_483;

/**
 * Seconds after which the kernel is to end a ban by itself (`kerneltimeout`); 0: never, for bans that end so late that
 * firewalls cannot tell.
 *
 * @param end end of the ban, seconds since 1970 UTC
 * @param now the present
 */
export function kernelTimeout(end: number, now: number): number {
  const seconds = Math.max(0, Math.ceil(end - now)) + MARGIN;
  return seconds > LONGEST ? 0 : seconds;
}
