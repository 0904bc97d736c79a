import { constants } from "node:os";
import { runProgram } from "../client/program.ts";
import { consoleHub } from "../log/console.ts";
import { programArguments } from "./arguments.ts";
import { realEnvironment } from "./environment.ts";

/** Exit code of everything that failed. */
const FAILURE = 255;

/** Runs one of the two programs that share their command line, and sets the exit code. */
export async function run(program: "fail2ban-client" | "fail2ban-server"): Promise<void> {
  const interrupted = (signal: NodeJS.Signals) => {
    // A server that runs here handles the signal itself.
    if (process.listenerCount(signal) > 1) return;
    process.stdout.write("\n");
    consoleHub(1).logger("fail2ban").warning(`Caught signal ${constants.signals[signal]}. Exiting`);
    process.exit(FAILURE);
  };
  process.on("SIGTERM", interrupted);
  process.on("SIGINT", interrupted);
  const ok = await runProgram(program, programArguments(), realEnvironment());
  process.exitCode = ok ? 0 : FAILURE;
}
