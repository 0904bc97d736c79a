import type { BoundedOutput } from "./bounded-output.ts";
import { MarkedOutput } from "./marked-output.ts";
import type { ProcessEnd } from "./process-run.ts";
import type { ShellResult } from "./shell.ts";

/** Several commands that one shell runs one after the other, until one fails: arguments and results. */
export class ShellBatch {
  /** Arguments of `/bin/sh`. Scripts and values travel as arguments, never as text of the shell that runs them. */
  readonly args: readonly string[];
  readonly stdout: MarkedOutput;
  readonly stderr: MarkedOutput;
  readonly #results: ShellResult[] = [];
  readonly #outputs: { code: number; stdout: BoundedOutput }[] = [];
  readonly #errors: BoundedOutput[] = [];
  readonly #onResult: () => void;

  /**
   * @param commands script and values of each
   * @param outputLimit most bytes that are kept of each output of each command
   * @param onResult called when a command has ended
   */
  constructor(commands: readonly (readonly string[])[], outputLimit: number, onResult: () => void) {
    // Nobody who writes output of a command can guess the mark.
    const mark = process.getBuiltinModule("node:crypto").randomBytes(16).toString("hex");
    let position = 0;
    const next = () => `"\${${++position}}"`;
    const runs = commands.map((words) => `/bin/sh -c ${words.map(next).join(" ")}; f2b_end $?\n`);
    const report = `f2b_end() { echo ${mark} $1; echo ${mark} >&2; [ $1 -eq 0 ] || exit 0; }\n`;
    this.args = ["-c", report + runs.join(""), "/bin/sh", ...commands.flat()];
    this.#onResult = onResult;
    this.stdout = new MarkedOutput(mark, outputLimit, (stdout, status) => {
      this.#outputs.push({ code: Number(status), stdout });
      this.#pair();
    });
    this.stderr = new MarkedOutput(mark, outputLimit, (stderr) => {
      this.#errors.push(stderr);
      this.#pair();
    });
  }

  /** Results of the commands that were begun; the last may tell of a failure. */
  results({ code, timedOut, error }: ProcessEnd, total: number): ShellResult[] {
    const last = this.#results.at(-1);
    const complete = this.#results.length === total || (last !== undefined && last.code !== 0);
    if (complete && !timedOut) return this.#results;
    const [stdout, stderr] = [this.stdout.rest, this.stderr.rest];
    return [...this.#results, resultOf(code, stdout, stderr, { timedOut, error })];
  }

  /** The two outputs are read apart; a command has ended when both say so. */
  #pair(): void {
    const [output, stderr] = [this.#outputs[0], this.#errors[0]];
    if (!output || !stderr) return;
    this.#outputs.shift();
    this.#errors.shift();
    this.#results.push(resultOf(output.code, output.stdout, stderr));
    this.#onResult();
  }
}

function resultOf(
  code: number | null,
  stdout: BoundedOutput,
  stderr: BoundedOutput,
  end: Pick<ShellResult, "timedOut" | "error"> = { timedOut: false, error: null },
): ShellResult {
  const droppedBytes = stdout.dropped + stderr.dropped;
  return { code, ...end, stdout: stdout.text, stderr: stderr.text, droppedBytes };
}
