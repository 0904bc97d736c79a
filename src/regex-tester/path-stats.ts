import { type Stats, statSync } from "node:fs";
import { TesterError } from "./tester-error.ts";

/** What such a path cannot be: log text or an expression may be much longer than the name of a file. */
const NO_PATH = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/**
 * What an argument that may be a path leads to; `null`: to nothing.
 *
 * @throws {TesterError} when it cannot be told, for want of permission
 */
export function statsOf(argument: string): Stats | null {
  if (argument === "" || argument.includes("\0")) return null;
  try {
    return statSync(argument);
  } catch (error) {
    if (NO_PATH.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw new TesterError(`ERROR: Unable to open ${argument}: ${(error as Error).message}`);
  }
}
