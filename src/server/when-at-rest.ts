import type { CancelTimer, Clock } from "../time/clock.ts";

/** A process that is at work for more of its time than this is not at rest: more work would hold the rest up. */
const AT_REST = 0.2;

/** What {@link WhenAtRest} needs. */
export interface WhenAtRestOptions {
  readonly clock: Clock;
  /** Pause after the last of several reasons, in seconds; for so long the process must have had little to do. */
  readonly delaySeconds: number;
  /** What is to be done. */
  readonly work: () => void;
  /** The share of the time, from 0 to 1, that the process was at work since this was last asked. */
  readonly workload?: () => number;
}

/** Does something once some time after there was a reason to, when the process has come to rest. */
export class WhenAtRest {
  readonly #o: WhenAtRestOptions;
  readonly #workload: () => number;
  #cancel: CancelTimer = () => {};

  constructor(options: WhenAtRestOptions) {
    this.#o = options;
    this.#workload = options.workload ?? eventLoopWorkload();
  }

  /** There is a reason. */
  soon(): void {
    this.cancel();
    this.#workload();
    const { clock, delaySeconds } = this.#o;
    this.#cancel = clock.after(delaySeconds, () => this.#look(), { background: true });
  }

  cancel(): void {
    this.#cancel();
  }

  #look(): void {
    if (this.#workload() > AT_REST) this.soon();
    else this.#o.work();
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
