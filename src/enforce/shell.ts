import { type ChildProcess, spawn } from "node:child_process";
import type { Clock } from "../time/clock.ts";
import { BoundedOutput } from "./bounded-output.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { type ProcessEnd, ProcessRun } from "./process-run.ts";
import { ShellBatch } from "./shell-batch.ts";

/** How one command is to be run. */
export interface ShellOptions {
  /** After so many seconds the command and all that it started are ended. */
  readonly timeoutSeconds: number;
  /** Most bytes that are kept of each output; default 64 KiB. */
  readonly outputLimit?: number;
}

/** What became of a command. */
export interface ShellResult extends ProcessEnd {
  /** Beginning of the standard output. */
  readonly stdout: string;
  /** Beginning of the standard error output. */
  readonly stderr: string;
  /** Bytes of output beyond what is kept. */
  readonly droppedBytes: number;
}

/** What is told of a command that did its work without a word. */
export const SILENT_SUCCESS: ShellResult = {
  code: 0,
  timedOut: false,
  error: null,
  stdout: "",
  stderr: "",
  droppedBytes: 0,
};

/** Runs commands. It never throws: a command that cannot be started is a result too. */
export interface ShellRunner {
  run(command: ShellCommand, options: ShellOptions): Promise<ShellResult>;
  /**
   * Runs commands one after the other until one fails, cheaper than {@link run} for each. The time limit is that of
   * each command.
   *
   * @returns the results of those that ran, one at least
   */
  runAll?(commands: readonly ShellCommand[], options: ShellOptions): Promise<readonly ShellResult[]>;
}

const OUTPUT_LIMIT = 64 * 1024;
/** Linux takes at most 128 KiB in one argument of a process. */
const LONGEST_VALUE = 128 * 1024 - 1;
/** All arguments of one process, characters; Linux takes 2 MiB with the environment. */
const LONGEST_ARGUMENTS = 256 * 1024;

/** Runs commands with `/bin/sh`, each in a process group of its own, any number at the same time. */
export class SystemShell implements ShellRunner {
  readonly #clock: Clock;
  readonly #beforehand: () => void;

  /**
   * @param beforehand called before each command of an action: what led to it has to be written down first, as a ban
   *   that is in force and was forgotten would never be lifted
   */
  constructor(clock: Clock, beforehand: () => void = () => {}) {
    this.#clock = clock;
    this.#beforehand = beforehand;
  }

  run(command: ShellCommand, options: ShellOptions): Promise<ShellResult> {
    this.#beforehand();
    return this.#collect("/bin/sh", ["-c", ...wordsOf(command)], null, options);
  }

  /** Runs a program, no shell, and gives it a text to read. */
  feed(argv: readonly string[], input: string, options: ShellOptions): Promise<ShellResult> {
    const [program = "", ...args] = argv;
    return this.#collect(program, args, input, options);
  }

  async runAll(commands: readonly ShellCommand[], options: ShellOptions): Promise<readonly ShellResult[]> {
    this.#beforehand();
    const fitting = fittingArguments(commands.map(wordsOf));
    if (fitting.length < 2) return [await this.run(commands[0]!, options)];
    let run: ProcessRun | null = null;
    const batch = new ShellBatch(fitting, OUTPUT_LIMIT, () => run?.restartTimer());
    const child = start("/bin/sh", batch.args, false);
    if (child instanceof Error) return [notStarted(child)];
    const { stdout, stderr } = batch;
    run = new ProcessRun(child, { clock: this.#clock, ...options, stdout, stderr });
    return batch.results(await run.ended, fitting.length);
  }

  async #collect(
    program: string,
    args: readonly string[],
    input: string | null,
    options: ShellOptions,
  ): Promise<ShellResult> {
    const child = start(program, args, input !== null);
    if (child instanceof Error) return notStarted(child);
    const limit = options.outputLimit ?? OUTPUT_LIMIT;
    const stdout = new BoundedOutput(limit);
    const stderr = new BoundedOutput(limit);
    const run = new ProcessRun(child, { clock: this.#clock, ...options, stdout, stderr });
    if (input !== null) child.stdin?.end(input);
    const end = await run.ended;
    const droppedBytes = stdout.dropped + stderr.dropped;
    return { ...end, stdout: stdout.text, stderr: stderr.text, droppedBytes };
  }
}

function start(program: string, args: readonly string[], reads: boolean): ChildProcess | Error {
  try {
    return spawn(program, args, { detached: true, stdio: [reads ? "pipe" : "ignore", "pipe", "pipe"] });
  } catch (error) {
    return error as Error;
  }
}

/** As many from the beginning as one process takes as its arguments. */
function fittingArguments(commands: readonly string[][]): string[][] {
  let length = 0;
  const end = commands.findIndex((words) => {
    length += words.join("").length;
    return length > LONGEST_ARGUMENTS;
  });
  return commands.slice(0, end < 0 ? commands.length : end);
}

function wordsOf(command: ShellCommand): string[] {
  return [withoutNul(command.script), ...command.values.map(asArgument)];
}

function notStarted(error: Error): ShellResult {
  return { ...SILENT_SUCCESS, code: null, error };
}

/** No argument of a process can hold a NUL; a log line with one must not keep its author from being banned. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

function asArgument(value: string): string {
  const text = withoutNul(value);
  if (text.length * 3 <= LONGEST_VALUE) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= LONGEST_VALUE) return text;
  let end = LONGEST_VALUE;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
