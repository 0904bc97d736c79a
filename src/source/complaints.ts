import type { Clock } from "../time/clock.ts";

const MINUTE = 60;
const HOUR = 3600;

/**
 * Passes on what a faulty source complains of: one message a minute at most, and the same one not again within
 * the hour. What is held back is lost, except for its number.
 */
export class Complaints {
  readonly #clock: Clock;
  readonly #say: (message: string) => void;
  #lastTime = Number.NEGATIVE_INFINITY;
  #lastMessage = "";
  #heldBack = 0;

  constructor(clock: Clock, say: (message: string) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  complain(message: string): void {
    const now = this.#clock.now();
    const pause = message === this.#lastMessage ? HOUR : MINUTE;
    if (now - this.#lastTime < pause && now >= this.#lastTime) {
      this.#heldBack++;
      return;
    }
    const more = this.#heldBack > 0 ? ` (${this.#heldBack} more messages like this were held back)` : "";
    this.#lastTime = now;
    this.#lastMessage = message;
    this.#heldBack = 0;
    this.#say(message + more);
  }
}
