import type { Logger } from "../log/logger.ts";
import { shownPath } from "../log/shown-path.ts";
import type { FileAccess } from "./files.ts";
import { glob, hasWildcards } from "./glob.ts";

/** A log file to be watched and where to begin in it. */
export interface LogPath {
  readonly path: string;
  /** The word as configured: `head`, `tail`, or something that the server will refuse. */
  readonly mode: string;
}

/** One line of `logpath`: a pattern, then optionally a blank and the mode. */
export function parseLogPath(line: string): LogPath {
  const blank = line.lastIndexOf(" ");
  return blank < 0
    ? { path: line, mode: "head" }
    : { path: line.slice(0, blank), mode: line.slice(blank + 1) };
}

/** The existing files of a jail's `logpath`, in the order of its lines; what is missing is logged. */
export function findLogFiles(logpath: string, files: FileAccess, logger: Logger): LogPath[] {
  return logpath.split("\n").flatMap((line) => {
    const { path, mode } = parseLogPath(line);
    const found = existing(path, files, logger);
    if (found.length === 0) logger.notice(`No file(s) found for glob ${path}`);
    return found.map((file) => ({ path: file, mode }));
  });
}

function existing(pattern: string, files: FileAccess, logger: Logger): string[] {
  if (!hasWildcards(pattern) && files.stat(pattern) !== undefined) return [pattern];
  return glob(pattern, files).filter((path) => {
    if (shownPath(path) !== path) {
      logger.warning(`File ${shownPath(path)} has a control character in its name, thus is not monitored`);
      return false;
    }
    const exists = files.stat(path) !== undefined;
    if (!exists) logger.warning(`File ${path} is a dangling link, thus cannot be monitored`);
    return exists;
  });
}
