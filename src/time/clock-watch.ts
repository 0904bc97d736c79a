import type { CancelTimer, Clock } from "./clock.ts";

/** Seconds between two looks. */
const INTERVAL = 60;
/** A look may come late by as much, seconds, without the clock having jumped. */
const TOLERANCE = 30;

/**
 * Notices that the wall clock was set (or that the machine slept): timers go by another clock, so whoever waits for a
 * time of day has to reckon anew.
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #onJump: (seconds: number) => void;
  #cancel: CancelTimer = () => {};

  /** @param onJump told by how many seconds the clock went ahead, or back when negative */
  constructor(clock: Clock, onJump: (seconds: number) => void) {
    this.#clock = clock;
    this.#onJump = onJump;
  }

  start(): void {
    const due = this.#clock.now() + INTERVAL;
    const look = () => {
      const jump = this.#clock.now() - due;
      this.start();
      if (Math.abs(jump) > TOLERANCE) this.#onJump(jump);
    };
    this.#cancel = this.#clock.after(INTERVAL, look, { background: true });
  }

  stop(): void {
    this.#cancel();
  }
}
