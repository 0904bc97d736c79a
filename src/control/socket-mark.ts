import { statSync, utimesSync } from "node:fs";

/*
 * How clients know that a server takes JSON before they say anything: fail2ban's own server would wait for the end of
 * a line of JSON for ever, or put an error in its log. A mark inside of the socket file itself goes when the file goes,
 * so no server is ever taken for another one: the time at which the file was modified, that is made, ends in a
 * fraction of a second that nobody meets by chance. Connecting, `chmod` and `chown` leave that time alone; where it is lost
 * all the same (a socket forwarded by ssh, say), clients speak as to any server.
 */

/** 27/64 of a second: exact in binary, in nanoseconds, and on file systems that keep microseconds. */
const FRACTION = 27 / 64;
const FRACTION_NANOSECONDS = 421_875_000n;

/** Marks a socket as that of a server which takes JSON. Without the right to do so it stays unmarked. */
export function markSocket(path: string): void {
  try {
    const { atime, mtimeMs } = statSync(path);
    // Never ahead of the clock.
    utimesSync(path, atime, Math.floor(mtimeMs / 1000) - 1 + FRACTION);
  } catch {
    // Clients then speak pickle.
  }
}

/** Whether a server that takes JSON listens on a socket. */
export function isMarked(path: string): boolean {
  try {
    return statSync(path, { bigint: true }).mtimeNs % 1_000_000_000n === FRACTION_NANOSECONDS;
  } catch {
    return false;
  }
}
