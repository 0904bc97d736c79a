import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { runProgram } from "../client/program.ts";
import { consoleHub } from "../log/console.ts";
import { programArguments } from "./arguments.ts";
import { realEnvironment } from "./environment.ts";
import { forgetAllocation, ORDERS } from "./server-process.js";

/** Exit code of everything that failed. */
const FAILURE = 255;

/**
 * Runs one of the two programs that share their command line, and sets the exit code.
 *
 * @param early a server process that waits for orders already
 */
export async function run(
  program: "fail2ban-client" | "fail2ban-server",
  early: ChildProcess | null = null,
): Promise<void> {
  forgetAllocation();
  const descriptor = process.env[ORDERS];
  if (descriptor !== undefined) {
    delete process.env[ORDERS];
    const { serveDetached } = await import("./detached.ts");
    process.exitCode = (await serveDetached(Number(descriptor))) ? 0 : FAILURE;
    return;
  }
  const interrupted = (signal: NodeJS.Signals) => {
    // A server that runs here handles the signal itself.
    if (process.listenerCount(signal) > 1) return;
    process.stdout.write("\n");
    consoleHub(1).logger("fail2ban").warning(`Caught signal ${constants.signals[signal]}. Exiting`);
    process.exit(FAILURE);
  };
  process.on("SIGTERM", interrupted);
  process.on("SIGINT", interrupted);
  const ok = await runProgram(program, programArguments(), realEnvironment(early));
  process.exitCode = ok ? 0 : FAILURE;
}
