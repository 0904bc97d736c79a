import { type Stats, statSync } from "node:fs";
import { shownPath } from "../log/shown-path.ts";

/** Thrown for a path that is none of a log file; the message tells an administrator why. */
export class NoLogFileError extends Error {
  constructor(path: string, reason: string) {
    super(`${shownPath(path)} ${reason}`);
    this.name = "NoLogFileError";
  }
}

/**
 * Refuses paths that would break messages about them into lines.
 *
 * @throws NoLogFileError
 */
export function checkPath(path: string): void {
  if (shownPath(path) === path) return;
  throw new NoLogFileError(path, "has a control character in its name, it is not read");
}

/**
 * Refuses what cannot be read like a log. `/dev/null` is let through: jails that are only used by hand have it.
 *
 * @throws NoLogFileError; for a directory the system's error `EISDIR`
 */
export function checkKind(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw directoryError(path);
  if (stats.isFIFO()) throw new NoLogFileError(path, "is a pipe, not a log file; see backend = stdin");
  if (stats.isSocket()) throw new NoLogFileError(path, "is a socket, not a log file; see backend = syslog");
  if (!isNull(stats)) throw new NoLogFileError(path, "is a device, not a log file");
}

function isNull(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === statSync("/dev/null").rdev;
}

function directoryError(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`EISDIR: illegal operation on a directory, open '${path}'`), {
    code: "EISDIR",
    errno: -21,
    syscall: "open",
    path,
  });
}
