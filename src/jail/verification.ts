import type { CancelTimer, Clock } from "../time/clock.ts";

/** Looks at regular intervals whether the firewall still holds what it should, without waiting for a ban to fail. */
export class Verification {
  readonly #clock: Clock;
  readonly #verify: () => Promise<void>;
  #seconds = 0;
  #running = false;
  #cancel: CancelTimer = () => {};

  /** @param verify looks and repairs; not called again before it is done */
  constructor(clock: Clock, verify: () => Promise<void>) {
    this.#clock = clock;
    this.#verify = verify;
  }

  /** Seconds between two looks; 0: never. */
  get seconds(): number {
    return this.#seconds;
  }

  set seconds(seconds: number) {
    this.#seconds = Math.max(0, seconds);
    this.#schedule();
  }

  start(): void {
    this.#running = true;
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  #schedule(): void {
    this.#cancel();
    if (!this.#running || this.#seconds === 0) return;
    this.#cancel = this.#clock.after(this.#seconds, () => void this.#look(), { background: true });
  }

  async #look(): Promise<void> {
    await this.#verify();
    this.#schedule();
  }
}
