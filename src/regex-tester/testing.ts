import { systemClock } from "../time/clock.ts";
import { type ProgramEnvironment, runProgram } from "./program.ts";

/** What a run of `fail2ban-regex` left behind. */
export interface TesterRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `fail2ban-regex` inside this process; it finds no host names unless told otherwise. */
export async function runTester(
  argv: readonly string[],
  environment: Partial<ProgramEnvironment> = {},
): Promise<TesterRun> {
  let out = "";
  let err = "";
  const code = await runProgram(argv, {
    program: "fail2ban-regex",
    version: "1",
    clock: systemClock,
    variables: { LC_ALL: "C.UTF-8" },
    names: {
      addressesOf: () => Promise.reject(new Error("no names here")),
      nameOf: () => Promise.reject(new Error("no names here")),
    },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    ...environment,
  });
  return { code, out, err };
}
