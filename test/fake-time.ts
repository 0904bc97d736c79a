import { globSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Programs that see another time than this machine has (libfaketime). */

const [LIBRARY] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");

/** For node:test's `skip` option: why no program can be shown another time, else `false`. */
export function skipWithoutFakeTime(): string | false {
  return LIBRARY ? false : "not installed: faketime";
}

/** Variables of the environment that have a program see a time, as libfaketime writes it. */
export function fakeTime(time: Readonly<Record<string, string>>): string[] {
  return [`LD_PRELOAD=${LIBRARY}`, ...Object.entries(time).map(([name, value]) => `${name}=${value}`)];
}

/** Time that goes on as this machine's, and can be put forward while programs run: their timers see it pass, too. */
export class MovableTime {
  readonly #folder = mkdtempSync(join(tmpdir(), "f2b-time-"));
  readonly #file = join(this.#folder, "offset");
  #ahead: number;

  /** @param ahead whole seconds that the time is ahead of the machine's, less than none if it is behind */
  constructor(ahead = 0) {
    this.#ahead = ahead;
    this.forward(0);
  }

  /** Runs a program in this time. */
  command(program: string, ...args: string[]): [program: string, ...args: string[]] {
    const variables = { FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: "1" };
    return ["env", ...fakeTime(variables), program, ...args];
  }

  /** What it is now, in seconds since 1970. */
  get now(): number {
    return Date.now() / 1000 + this.#ahead;
  }

  /** @param seconds to be passed over, a whole number */
  forward(seconds: number): void {
    this.#ahead += seconds;
    // At once, as somebody may be reading it.
    writeFileSync(`${this.#file}.new`, `${this.#ahead < 0 ? "" : "+"}${this.#ahead}`);
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** To be called when nobody runs in it any more. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
