import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { CancelTimer, Clock } from "../time/clock.ts";

let collect: (() => void) | null = null;

/**
 * Collects garbage now. V8 does so by itself, but only while it works: after much work a daemon that has nothing to
 * do would keep hundreds of megabytes.
 *
 * @param options.keepCode keeps the code that was compiled; else the engine compiles anew what is used again
 */
export function releaseMemory({ keepCode }: { readonly keepCode: boolean }): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext(`() => gc({ type: "major", flavor: "last-resort" })`) as () => void;
  }
  if (keepCode) setFlagsFromString("--no-flush-bytecode");
  collect();
  if (keepCode) setFlagsFromString("--flush-bytecode");
}

/** Pause after the last of several reasons for a release, in seconds: who comes up or reloads has more to do first. */
const DELAY = 5;
/** A process that is at work for more of its time than this is not at rest: collecting would hold that work up. */
const AT_REST = 0.2;

/** What {@link LaterRelease} needs. */
export interface LaterReleaseOptions {
  readonly clock: Clock;
  readonly release: () => void;
  /** The share of the time, from 0 to 1, that the process was at work since this was last asked. */
  readonly workload?: () => number;
}

/** Releases memory once some time after work that needed much of it, when the process has come to rest. */
export class LaterRelease {
  readonly #clock: Clock;
  readonly #release: () => void;
  readonly #workload: () => number;
  #cancel: CancelTimer = () => {};

  constructor({ clock, release, workload = eventLoopWorkload() }: LaterReleaseOptions) {
    this.#clock = clock;
    this.#release = release;
    this.#workload = workload;
  }

  /** There was such work. */
  soon(): void {
    this.cancel();
    this.#workload();
    this.#cancel = this.#clock.after(DELAY, () => this.#releaseAtRest(), { background: true });
  }

  cancel(): void {
    this.#cancel();
  }

  #releaseAtRest(): void {
    if (this.#workload() > AT_REST) this.soon();
    else this.#release();
  }
}

function eventLoopWorkload(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
