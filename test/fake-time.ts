import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

  constructor() {
    this.forward(0);
  }

  /** Runs a program in this time. */
  command(program: string, ...args: string[]): [program: string, ...args: string[]] {
    const variables = { FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: "1" };
    return ["env", ...fakeTime(variables), program, ...args];
  }

  /** @param seconds how far the time is ahead of the machine's from now on */
  forward(seconds: number): void {
    writeFileSync(this.#file, `+${seconds}`);
  }

  /** To be called when nobody runs in it any more. */
  dispose(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
