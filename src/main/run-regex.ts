import { fstatSync } from "node:fs";
import { resolve } from "node:path";
import { BufferedOutput } from "../log/buffered-output.ts";
import { writeError, writeOutput } from "../log/console.ts";
import { runProgram } from "../regex-tester/program.ts";
import type { Terminal } from "../regex-tester/progress-bar.ts";
import { monotonicMs, systemClock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { programArguments } from "./arguments.ts";
import { growSlowly, makeObjectsYoung, useLinearFallback } from "./engine.js";

/** Runs `fail2ban-regex`, and sets the exit code. */
export async function runRegex(): Promise<void> {
  useLinearFallback();
  makeObjectsYoung();
  growSlowly();
  const output = new BufferedOutput((text) => {
    // A reader that went away (`| head`) is no failure.
    if (!writeOutput(text)) process.exit(0);
  });
  process.on("exit", () => output.flush());
  const isSeenAtOnce = fstatSync(1).isCharacterDevice();
  process.exitCode = await runProgram(programArguments(), {
    program: resolve(import.meta.dirname, "../../bin/fail2ban-regex"),
    version: FAIL2BAN_VERSION,
    clock: systemClock,
    variables: process.env,
    out: (text) => {
      output.add(text);
      if (isSeenAtOnce) output.flush();
    },
    err: (text) => {
      output.flush();
      writeError(text);
    },
    ...(isTerminal() ? { terminal: standardError() } : {}),
  });
}

/** Whether standard error is a terminal; mostly that is known without Node's stream, which takes a while to load. */
function isTerminal(): boolean {
  return fstatSync(2).isCharacterDevice() && process.stderr.isTTY;
}

function standardError(): Terminal {
  return {
    write: (text) => process.stderr.write(text),
    columns: () => process.stderr.columns || 80,
    now: monotonicMs,
  };
}
