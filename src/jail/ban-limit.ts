import type { Logger } from "../log/logger.ts";
import { RepeatedMessage } from "../log/repeated-message.ts";
import type { Clock } from "../time/clock.ts";
import type { BanList, BanTicket } from "../track/ban-list.ts";

/** What the limit needs. */
export interface BanLimitOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  readonly bans: BanList;
  /** Most bans at a time; 0: no limit. */
  readonly most: () => number;
}

/**
 * Keeps a list of bans at `maxbans`: for a new ban the one that ends soonest gives way. Bans for ever never give way; when
 * there are no others, new ones are refused.
 */
export class BanLimit {
  readonly #o: BanLimitOptions;
  readonly #gaveWay: RepeatedMessage;
  readonly #refused: RepeatedMessage;

  constructor(options: BanLimitOptions) {
    const { clock, log, jail } = options;
    this.#o = options;
    const limit = () => `[${jail}] maxbans = ${options.most()} is reached`;
    this.#gaveWay = new RepeatedMessage(clock, {
      first: () => log.warning(`${limit()}: for each new ban the one that ends soonest is lifted`),
      more: (count) => log.warning(`${limit()}: ${count} more bans were lifted before their end`),
    });
    this.#refused = new RepeatedMessage(clock, {
      first: (id) => log.error(`${limit()} by bans for ever: ${id} is not banned`),
      more: (count) => log.error(`${limit()} by bans for ever: ${count} more were not banned`),
    });
  }

  /**
   * Takes bans off the list until there is room for so many more.
   *
   * @param lifted told of each ban that gives way
   * @returns whether there is room now
   */
  makeRoom(wanted: number, lifted: (ticket: BanTicket) => void): boolean {
    const { bans, most } = this.#o;
    while (most() > 0 && bans.size + wanted > most()) {
      const ticket = bans.takeSoonest();
      if (!ticket) return false;
      this.#gaveWay.happened();
      lifted(ticket);
    }
    return true;
  }

  /** A ban was refused because there was no room. */
  refuse(ticket: BanTicket): void {
    this.#refused.happened(ticket.id.text);
  }
}
