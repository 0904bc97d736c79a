import { resolve } from "node:path";
import { runProgram } from "../regex-tester/program.ts";
import type { Terminal } from "../regex-tester/progress-bar.ts";
import { systemClock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { programArguments } from "./arguments.ts";

/** Runs `fail2ban-regex`, and sets the exit code. */
export async function runRegex(): Promise<void> {
  // A reader that went away (`| head`) is no failure.
  process.stdout.on("error", () => process.exit(0));
  process.exitCode = await runProgram(programArguments(), {
    program: resolve(import.meta.dirname, "../../bin/fail2ban-regex"),
    version: FAIL2BAN_VERSION,
    clock: systemClock,
    variables: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    ...(process.stderr.isTTY ? { terminal: standardError() } : {}),
  });
}

function standardError(): Terminal {
  return {
    write: (text) => process.stderr.write(text),
    columns: () => process.stderr.columns || 80,
    now: () => performance.now(),
  };
}
