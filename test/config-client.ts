import { Readable, Writable } from "node:stream";
import { runProgram } from "../src/client/program.ts";
import { loadReader, realEnvironment } from "../src/main/environment.ts";

/** What a run of the client printed. Log lines are without time and process number. */
export interface ClientRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

const environment = realEnvironment();

/**
 * Runs the client in this process, for what needs no server.
 *
 * @param version that the configuration may refer to
 */
export async function runClient(argv: readonly string[], version: string): Promise<ClientRun> {
  let stdout = "";
  let stderr = "";
  const ok = await runProgram("fail2ban-client", argv, {
    ...environment,
    print: (text) => {
      stdout += text;
    },
    printError: (text) => {
      stderr += text.replace(/^\S+ \S+,\d{3} (.{24})\[\d+\]/gm, "$1");
    },
    input: { input: Readable.from([]), output: new Writable() },
    loadReader: () => loadReader(version),
  });
  return { stdout, stderr: withoutOwnLines(stderr), exit: ok ? 0 : 255 };
}

/** What is said beyond the reference comes from a logger of its own. */
export function withoutOwnLines(stderr: string): string {
  return stderr.replaceAll(/^(?:\S+ \S+ )?fail2ban\.configcheck .*\n/gm, "");
}
