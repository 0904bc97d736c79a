import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { CancelTimer, Clock } from "../time/clock.ts";

/** Takes the output of a process as it comes. */
export interface OutputSink {
  add(chunk: Buffer): void;
}

/** How a process ended. */
export interface ProcessEnd {
  /**
   * Exit code; the negative number of the signal that ended it; `null` when it could not be started or did not go
   * away.
   */
  readonly code: number | null;
  readonly timedOut: boolean;
  /** Why it could not be started; else `null`. */
  readonly error: Error | null;
}

/** What {@link ProcessRun} needs. */
export interface ProcessRunOptions {
  readonly clock: Clock;
  /** After so many seconds the process and all that it started are ended. */
  readonly timeoutSeconds: number;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
}

/** Between SIGTERM and SIGKILL, seconds. */
const KILL_DELAY = 0.2;
/** A process that survives SIGKILL hangs in the kernel; so many seconds later nobody waits for it any more. */
const GIVE_UP_DELAY = 5;
/** How long after the end of the process output may still come, seconds: a background process holds the pipes. */
const DRAIN_DELAY = 0.1;

/** A running process that leads a group: hands on its output, ends the group in time, reports once. */
export class ProcessRun {
  /** Fulfilled at its end, never rejected. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #options: ProcessRunOptions;
  readonly #report: (end: ProcessEnd) => void;
  #code: number | null = null;
  #timedOut = false;
  #killed = false;
  #cancelTimer: CancelTimer;

  constructor(child: ChildProcess, options: ProcessRunOptions) {
    this.#child = child;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    this.ended = promise;
    this.#report = resolve;
    this.#cancelTimer = options.clock.after(options.timeoutSeconds, () => this.#expire());
    child.stdout?.on("data", (chunk: Buffer) => options.stdout.add(chunk));
    child.stderr?.on("data", (chunk: Buffer) => options.stderr.add(chunk));
    // A process that ends without reading its input is judged by its exit code.
    child.stdin?.on("error", () => {});
    child.once("error", (error) => this.#finish(error));
    child.once("exit", (code, signal) => this.#exited(code, signal));
    child.once("close", () => this.#finish(null));
  }

  /** Gives the process its whole time again. */
  restartTimer(): void {
    if (this.#timedOut || this.#code !== null) return;
    this.#setTimer(this.#options.timeoutSeconds, () => this.#expire());
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
    this.#cancelTimer = this.#options.clock.after(seconds, callback);
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
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.unref();
    this.#report({ code: this.#code, timedOut: this.#timedOut, error });
  }
}
