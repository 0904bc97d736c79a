import { writeSync } from "node:fs";
import { formatTime, type LineFormat, standardFormat } from "./format.ts";
import { levelName } from "./levels.ts";
import { LEVELS, LogHub } from "./logger.ts";

/** The level at which a program run by hand reports, for its verbosity (1 by default, `-v` adds, `-q` takes). */
export function levelForVerbosity(verbosity: number): number {
  if (verbosity <= 0) return LEVELS.ERROR;
  if (verbosity === 1) return LEVELS.WARNING;
  if (verbosity === 2) return LEVELS.INFO;
  return verbosity === 3 ? LEVELS.DEBUG : LEVELS.HEAVYDEBUG;
}

/**
 * The hub of a program run by hand: everything goes to standard error, as much as the verbosity says.
 *
 * @param write takes whole lines
 */
export function consoleHub(verbosity: number, write: (text: string) => void = writeError): LogHub {
  const format = formatForVerbosity(verbosity);
  const hub = new LogHub((record) => write(`${format(record, new Date())}\n`));
  hub.level = levelForVerbosity(verbosity);
  return hub;
}

/** Writes to standard error, at once, so that nothing is lost when the program ends. A closed standard error is no failure. */
export function writeError(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody listens.
  }
}

/**
 * Writes to standard output, all of it before this returns. A reader that is slow is waited for, also where somebody
 * has made the pipe one that does not wait.
 *
 * @returns whether anybody reads it: one who went away (`| head`) is no failure
 */
export function writeOutput(text: string | Uint8Array): boolean {
  let rest = typeof text === "string" ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
  return true;
}

/** Pause before a pipe that is full is tried again, in milliseconds. */
const RETRY_MS = 5;

/** Up to two `-v` change nothing of the line; from then on it is laid out for following a program's steps. */
function formatForVerbosity(verbosity: number): LineFormat {
  if (verbosity <= 2) return standardFormat({ datetime: true, padding: true });
  const start = performance.now();
  const thread = process.pid.toString(16).toUpperCase();
  return (record, time) => {
    const level = levelName(record.level).slice(0, 5).padEnd(5);
    if (verbosity === 3)
      return ` ${formatTime(time).slice(11).padEnd(15)} ${thread} ${level} ${record.message}`;
    const elapsed = `+${String(Math.round(performance.now() - start)).padStart(5)}`;
    const name = record.logger.padEnd(25);
    const source = verbosity >= 5 ? ` ${record.level}` : "";
    return `${elapsed} ${thread} ${name} ${level}${source} ${record.message}`;
  };
}
