import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Most lines that are kept from one session to the next. */
export const HISTORY_SIZE = 500;

/** Where the lines typed in interactive mode are kept. */
export function historyFile(env: NodeJS.ProcessEnv): string {
  return join(env["XDG_STATE_HOME"] || join(homedir(), ".local/state"), "fail2ban-ts/history");
}

/** The lines of earlier sessions, the newest first; none when there are none to be read. */
export function readHistory(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean).slice(-HISTORY_SIZE).reverse();
  } catch {
    return [];
  }
}

/** Keeps lines, the newest first, for the user alone. Failing to do so is no reason to fail. */
export function writeHistory(file: string, newestFirst: readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const lines = newestFirst.slice(0, HISTORY_SIZE).toReversed();
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  } catch {
    // The session was worth it all the same.
  }
}
