import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { CancelTimer, Clock } from "../time/clock.ts";

let collect: (() => void) | null = null;

/**
 * Collects garbage now. V8 does so by itself, but only while it works: after much work a daemon that has nothing to
 * do would keep hundreds of megabytes.
 */
export function releaseMemory(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext(`() => gc({ type: "major", flavor: "last-resort" })`) as () => void;
  }
  collect();
}

/** Pause after the last of several reasons for a release, in seconds: who comes up or reloads has more to do first. */
const DELAY = 5;

/** Releases memory once some time after work that needed much of it. */
export class LaterRelease {
  readonly #clock: Clock;
  readonly #release: () => void;
  #cancel: CancelTimer = () => {};

  constructor(clock: Clock, release: () => void = releaseMemory) {
    this.#clock = clock;
    this.#release = release;
  }

  /** There was such work. */
  soon(): void {
    this.cancel();
    this.#cancel = this.#clock.after(DELAY, this.#release, { background: true });
  }

  cancel(): void {
    this.#cancel();
  }
}
