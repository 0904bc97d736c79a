/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** Where the program takes the time from. Everything that waits or dates takes a clock as a parameter. */
export interface Clock {
  /** Wall-clock time in seconds since 1970 UTC, with fraction. */
  now(): number;
  /**
   * Calls `callback` once after `delaySeconds` (0 or more). A pending timer keeps the process alive unless
   * `background` is true.
   */
  after(delaySeconds: number, callback: () => void, options?: { background?: boolean }): CancelTimer;
}

/** Longest delay that one Node timer can take, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  after(delaySeconds, callback, options) {
    const due = monotonicMs() + delaySeconds * 1000;
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = due - monotonicMs();
      if (left > LONGEST_TIMER_MS) timer = setTimeout(arm, LONGEST_TIMER_MS);
      else timer = setTimeout(callback, Math.max(0, left));
      if (options?.background) timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** As `performance.now()`, which takes a short run a millisecond or two to load. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * A clock for tests: time stands still until the test moves it. Its timers do not heed a {@link jump}, as those of the
 * machine do not.
 */
export class ManualClock implements Clock {
  /** Seconds that have passed. */
  #passed = 0;
  /** What the clock showed at its begin, by what it shows now. */
  #start: number;
  #timers: { due: number; order: number; callback: () => void }[] = [];
  #order = 0;

  /** @param start the first reading, in seconds since 1970 UTC */
  constructor(start: number) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#passed;
  }

  after(delaySeconds: number, callback: () => void): CancelTimer {
    const timer = { due: this.#passed + Math.max(0, delaySeconds), order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** Number of timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves the clock forward and fires the timers that become due, in their order. */
  advance(seconds: number): void {
    const end = this.#passed + seconds;
    for (;;) {
      const next = this.#timers
        .filter((t) => t.due <= end)
        .sort((a, b) => a.due - b.due || a.order - b.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((t) => t !== next);
      this.#passed = Math.max(this.#passed, next.due);
      next.callback();
    }
    this.#passed = end;
  }

  /** Sets the clock to another time, as an administrator would. */
  jump(to: number): void {
    this.#start = to - this.#passed;
  }
}
