import type { Logger } from "../log/logger.ts";
import { RepeatedMessage } from "../log/repeated-message.ts";
import type { Clock } from "../time/clock.ts";

/** Tells of bans that an action was not asked to execute because too many wait for it. */
export class Overload {
  readonly #message: RepeatedMessage;

  /** @param where the jail in brackets and the action, for the beginning of messages */
  constructor(clock: Clock, log: Logger, where: string) {
    this.#message = new RepeatedMessage(clock, {
      first: (reason) => log.error(`${where} cannot keep up, bans are not handed to it any more: ${reason}`),
      more: (count) => log.error(`${where} cannot keep up: ${count} more bans were not handed to it`),
    });
  }

  /** One more ban is not handed to the action. */
  refused(reason: string): void {
    this.#message.happened(reason);
  }
}
