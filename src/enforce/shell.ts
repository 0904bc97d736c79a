import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Clock } from "../time/clock.ts";
import { BoundedOutput } from "./bounded-output.ts";
import type { ShellCommand } from "./dynamic-tags.ts";

/** How one command is to be run. */
export interface ShellOptions {
  /** After so many seconds the command and all that it started are ended. */
  readonly timeoutSeconds: number;
}

/** What became of a command. */
export interface ShellResult {
  /**
   * Exit code; the negative number of the signal that ended the shell; `null` when it could not be started or
   * did not go away.
   */
  readonly code: number | null;
  readonly timedOut: boolean;
  /** Why the command could not be started; else `null`. */
  readonly error: Error | null;
  /** Beginning of the standard output. */
  readonly stdout: string;
  /** Beginning of the standard error output. */
  readonly stderr: string;
  /** Bytes of output beyond what is kept. */
  readonly droppedBytes: number;
}

/** Runs commands. It never throws: a command that cannot be started is a result too. */
export interface ShellRunner {
  run(command: ShellCommand, options: ShellOptions): Promise<ShellResult>;
}

/** Between SIGTERM and SIGKILL, seconds. */
const KILL_DELAY = 0.2;
/** A process that survives SIGKILL hangs in the kernel; so many seconds later nobody waits for it any more. */
const GIVE_UP_DELAY = 5;
/** How long after the end of the shell output may still come, seconds: a background process holds the pipes. */
const DRAIN_DELAY = 0.1;
const OUTPUT_LIMIT = 64 * 1024;
/** Linux takes at most 128 KiB in one argument of a process. */
const LONGEST_VALUE = 128 * 1024 - 1;

/** Runs commands with `/bin/sh`, each in a process group of its own, any number at the same time. */
export class SystemShell implements ShellRunner {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  run(command: ShellCommand, options: ShellOptions): Promise<ShellResult> {
    let child: ChildProcess;
    try {
      child = spawn("/bin/sh", ["-c", withoutNul(command.script), ...command.values.map(asArgument)], {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      return Promise.resolve(notStarted(error as Error));
    }
    return new Promise((resolve) => new Run(child, this.#clock, options.timeoutSeconds, resolve));
  }
}

/** One running shell: collects its output, ends it in time, reports once. */
class Run {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #report: (result: ShellResult) => void;
  readonly #stdout = new BoundedOutput(OUTPUT_LIMIT);
  readonly #stderr = new BoundedOutput(OUTPUT_LIMIT);
  #code: number | null = null;
  #timedOut = false;
  #killed = false;
  #cancelTimer: () => void;

  constructor(
    child: ChildProcess,
    clock: Clock,
    timeoutSeconds: number,
    report: (result: ShellResult) => void,
  ) {
    this.#child = child;
    this.#clock = clock;
    this.#report = report;
    this.#cancelTimer = clock.after(timeoutSeconds, () => this.#expire());
    child.stdout?.on("data", (chunk: Buffer) => this.#stdout.add(chunk));
    child.stderr?.on("data", (chunk: Buffer) => this.#stderr.add(chunk));
    child.once("error", (error) => this.#finish(error));
    child.once("exit", (code, signal) => this.#exited(code, signal));
    child.once("close", () => this.#finish(null));
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#code = signal ? -constants.signals[signal] : code;
    // An expired command is reported when its whole group is killed, an ordinary one when its output is read.
    if (!this.#timedOut || this.#killed) this.#setTimer(DRAIN_DELAY, () => this.#finish(null));
  }

  #expire(): void {
    this.#timedOut = true;
    this.#signalGroup("SIGTERM");
    this.#setTimer(KILL_DELAY, () => {
      this.#signalGroup("SIGKILL");
      this.#killed = true;
      this.#setTimer(this.#code === null ? GIVE_UP_DELAY : DRAIN_DELAY, () => this.#finish(null));
    });
  }

  #setTimer(seconds: number, callback: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(seconds, callback);
  }

  #signalGroup(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #finish(error: Error | null): void {
    this.#cancelTimer();
    this.#child.removeAllListeners();
    this.#child.once("error", () => {});
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
    this.#report({
      code: this.#code,
      timedOut: this.#timedOut,
      error,
      stdout: this.#stdout.text,
      stderr: this.#stderr.text,
      droppedBytes: this.#stdout.dropped + this.#stderr.dropped,
    });
  }
}

function notStarted(error: Error): ShellResult {
  return { code: null, timedOut: false, error, stdout: "", stderr: "", droppedBytes: 0 };
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
