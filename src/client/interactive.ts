import { createInterface } from "node:readline";
import { shellWords } from "../config/shell-words.ts";
import { runCommand } from "./command.ts";
import type { ClientContext } from "./context.ts";
import { ask } from "./reach.ts";
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
  const jails = new KnownJails(context);
  const lines = createInterface({
    input,
    terminal,
    prompt: PROMPT,
    ...(terminal ? { output, ...(await editing(jails)) } : {}),
  });
  let typed: readonly string[] = [];
  lines.on("history", (history: string[]) => {
    typed = [...history];
  });
  const prompt = () => {
    if (!terminal) return print(PROMPT);
    jails.refresh();
    lines.prompt();
  };
  print(`${banner()}\n\n`);
  prompt();
  try {
    for await (const line of lines) {
      const words = split(context, line);
      if (words[0] === "exit" || words[0] === "quit") return true;
      if (words[0] === "help") print(usage(context.program));
      else if (words.length > 0) await runCommand(context, words);
      prompt();
    }
  } finally {
    lines.close();
    if (terminal) await keepHistory(typed);
  }
  print("\n");
  log.error("EOF when reading a line");
  return false;
}

/** What a terminal offers: completion, and the lines of earlier sessions. */
async function editing(jails: KnownJails) {
  const { completeLine } = await import("./interactive-words.ts");
  const { HISTORY_SIZE, historyFile, readHistory } = await import("./interactive-history.ts");
  return {
    history: readHistory(historyFile(process.env)),
    historySize: HISTORY_SIZE,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, completions: [string[], string]) => void) =>
      void jails.known().then((names) => done(null, completeLine(line, names))),
  };
}

/** Seconds that a server may take to tell the names of its jails. */
const PATIENCE_SECONDS = 1;

/**
 * The names of the jails as of the last prompt: whoever presses the tabulator twice does not wait in between, and only
 * who does so right after the start waits at all.
 */
class KnownJails {
  readonly #context: ClientContext;
  #names: readonly string[] = [];
  #first: Promise<void> | null = null;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** Asks the server. Without one the names stay as they are. */
  refresh(): void {
    const asked = this.#ask();
    this.#first ??= asked;
  }

  /** The names, as soon as the server was asked once. */
  async known(): Promise<readonly string[]> {
    await this.#first;
    return this.#names;
  }

  async #ask(): Promise<void> {
    const stats = await ask(this.#context, ["stats"], PATIENCE_SECONDS).catch(() => null);
    if (stats instanceof Map) this.#names = [...stats.keys()].map(String);
  }
}

async function keepHistory(lines: readonly string[]): Promise<void> {
  const { historyFile, writeHistory } = await import("./interactive-history.ts");
  writeHistory(historyFile(process.env), lines);
}

function split({ log }: ClientContext, line: string): string[] {
  try {
    return shellWords(line);
  } catch (error) {
    log.error((error as Error).message);
    return [];
  }
}
