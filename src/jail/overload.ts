import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";

/** Between two messages on the same trouble, seconds. */
const SUMMARY_SECONDS = 60;

/** Tells of bans that an action was not asked to execute because too many wait for it: at once, then in sums. */
export class Overload {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #where: string;
  #untold = 0;
  #telling = false;

  /** @param where the jail in brackets and the action, for the beginning of messages */
  constructor(clock: Clock, log: Logger, where: string) {
    this.#clock = clock;
    this.#log = log;
    this.#where = where;
  }

  /** One more ban is not handed to the action. */
  refused(reason: string): void {
    this.#untold++;
    if (this.#telling) return;
    this.#telling = true;
    this.#log.error(`${this.#where} cannot keep up, bans are not handed to it any more: ${reason}`);
    this.#untold = 0;
    this.#wait();
  }

  #wait(): void {
    this.#clock.after(SUMMARY_SECONDS, () => this.#sumUp(), { background: true });
  }

  #sumUp(): void {
    this.#telling = this.#untold > 0;
    if (!this.#telling) return;
    this.#log.error(`${this.#where} cannot keep up: ${this.#untold} more bans were not handed to it`);
    this.#untold = 0;
    this.#wait();
  }
}
