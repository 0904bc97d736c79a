import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Reference, ReferenceProgram } from "./reference.ts";

/** What a run of the reference's program left behind. */
export interface BatchRun {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code, or the signal's number below zero. */
  readonly exit: number;
}

/**
 * Has an interpreter run the program once, which loads what it needs, and then fork for each run: so that hundreds of
 * runs take seconds. Standard output and error go to files; runs that take too long are killed.
 */
const DRIVER = `
import json, os, runpy, signal, sys

script, folder, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
warm_up, *runs = json.load(sys.stdin)

def run(argv):
    sys.argv = [script, *argv]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0

def redirect(name):
    for stream, kind in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{folder}/{name}.{kind}", os.O_CREAT | os.O_WRONLY), stream)

def reap():
    process, status = os.wait()
    codes[numbers.pop(process)] = os.waitstatus_to_exitcode(status)

codes, numbers = {}, {}
answer = os.dup(1)
redirect("warm-up")
run(warm_up)
sys.stdout.flush()
for number, argv in enumerate(runs):
    if len(numbers) == os.cpu_count():
        reap()
    child = os.fork()
    if child:
        numbers[child] = number
        continue
    signal.alarm(limit)
    redirect(number)
    code = 1
    try:
        code = run(argv)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
while numbers:
    reap()
os.write(answer, json.dumps([codes[number] for number in range(len(runs))]).encode())
`;

/**
 * Runs a program of the reference with each of the given arguments, several at a time.
 *
 * @param warmUp arguments of a run that uses what the others use
 * @param limitSeconds for each run
 */
export async function runBatch(
  reference: Reference,
  program: ReferenceProgram,
  {
    warmUp,
    runs,
    limitSeconds = 120,
  }: {
    readonly warmUp: readonly string[];
    readonly runs: readonly (readonly string[])[];
    readonly limitSeconds?: number;
  },
): Promise<BatchRun[]> {
  const { command, args, env } = reference.command(program);
  const folder = mkdtempSync(join(tmpdir(), "f2b-batch-"));
  try {
    const driver = spawn(command, ["-c", DRIVER, ...args, folder, String(limitSeconds)], {
      env: { ...env, LC_ALL: "C.UTF-8" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    driver.stdin.end(JSON.stringify([warmUp, ...runs]));
    const [answer, errors] = await Promise.all([text(driver.stdout), text(driver.stderr)]);
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    if (answer === "") throw new Error(`the batch failed: ${errors}${read("warm-up.err")}`);
    const codes = JSON.parse(answer) as number[];
    return codes.map((exit, i) => ({ exit, stdout: read(`${i}.out`), stderr: read(`${i}.err`) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
