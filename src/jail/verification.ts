import type { CancelTimer, Clock } from "../time/clock.ts";

/** Looks at regular intervals whether the firewall still holds what it should, without waiting for a ban to fail. */
export class Verification {
  readonly #clock: Clock;
  readonly #verify: () => Promise<void>;
  #seconds = 0;
  #running = false;
  #cancel: CancelTimer = () => {};

  readonly #phase: number;

  /**
   * @param verify looks and repairs; not called again before it is done
   * @param name jails of different names look at different moments: many at the same moment would be felt
   */
  constructor(clock: Clock, verify: () => Promise<void>, name: string) {
    this.#clock = clock;
    this.#verify = verify;
    this.#phase = phaseOf(name);
  }

  /** Seconds between two looks; 0: never. */
  get seconds(): number {
    return this.#seconds;
  }

  set seconds(seconds: number) {
    this.#seconds = Math.max(0, seconds);
    this.#schedule(this.#phase);
  }

  start(): void {
    this.#running = true;
    this.#schedule(this.#phase);
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  #schedule(part = 1): void {
    this.#cancel();
    if (!this.#running || this.#seconds === 0) return;
    this.#cancel = this.#clock.after(this.#seconds * part, () => void this.#look(), { background: true });
  }

  async #look(): Promise<void> {
    await this.#verify();
    this.#schedule();
  }
}

/** A number above 0, at most 1, always the same for a name. */
function phaseOf(name: string): number {
  const mixed = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 0);
  return (mixed + 1) / 997;
}
