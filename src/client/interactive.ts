import { createInterface } from "node:readline";
import { shellWords } from "../config/shell-words.ts";
import { runCommand } from "./command.ts";
import type { ClientContext } from "./context.ts";
import { banner, usage } from "./usage.ts";

const PROMPT = "fail2ban> ";

/** Where interactive mode reads from. */
export interface InteractiveInput {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** For the line editor, when the input is a terminal. */
  readonly output: NodeJS.WritableStream;
}

/**
 * Reads commands line by line and runs them. Ends with `exit` or `quit` (true), or at the end of input (false).
 * Failures of single commands do not end it.
 */
export async function interactive(
  context: ClientContext,
  { input, output }: InteractiveInput,
): Promise<boolean> {
  const { print, log } = context;
  const terminal = input.isTTY === true;
  const lines = createInterface({ input, terminal, prompt: PROMPT, ...(terminal ? { output } : {}) });
  const ask = () => (terminal ? lines.prompt() : print(PROMPT));
  print(`${banner()}\n\n`);
  ask();
  try {
    for await (const line of lines) {
      const words = split(context, line);
      if (words[0] === "exit" || words[0] === "quit") return true;
      if (words[0] === "help") print(usage(context.program));
      else if (words.length > 0) await runCommand(context, words);
      ask();
    }
  } finally {
    lines.close();
  }
  print("\n");
  log.error("EOF when reading a line");
  return false;
}

function split({ log }: ClientContext, line: string): string[] {
  try {
    return shellWords(line);
  } catch (error) {
    log.error((error as Error).message);
    return [];
  }
}
