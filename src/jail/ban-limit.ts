import type { Logger } from "../log/logger.ts";
import { RepeatedMessage } from "../log/repeated-message.ts";
import type { Clock } from "../time/clock.ts";
import { type BanList, type BanTicket, NEVER } from "../track/ban-list.ts";

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
  /** Whether bans are those of a dry run. */
  readonly isDryRun: () => boolean;
}

/**
 * Keeps a list of bans at `maxbans`: for a new ban the one that ends soonest gives way. Bans for ever never give way, and
 * real ones not to those of a dry run; when there are no others, new ones are refused.
 */
export class BanLimit {
  readonly #o: BanLimitOptions;
  readonly #gaveWay: RepeatedMessage;
  readonly #refused: RepeatedMessage;

  constructor(options: BanLimitOptions) {
    const { clock, log, jail } = options;
    this.#o = options;
    const limit = () => `[${jail}] maxbans = ${options.most()} is reached`;
    const full = () => `${limit()} by ${options.isDryRun() ? "real bans and " : ""}bans for ever`;
    this.#gaveWay = new RepeatedMessage(clock, {
      first: () => log.warning(`${limit()}: for each new ban the one that ends soonest is lifted`),
      more: (count) => log.warning(`${limit()}: ${count} more bans were lifted before their end`),
    });
    this.#refused = new RepeatedMessage(clock, {
      first: (id) => log.error(`${full()}: ${id} is not banned`),
      more: (count) => log.error(`${full()}: ${count} more were not banned`),
    });
  }

  /**
   * Takes bans off the list until there is room for so many more.
   *
   * @param wanted how many more, and whether they are bans of a dry run
   * @param lifted told of each ban that gives way
   * @returns whether there is room now
   */
  makeRoom(
    { count, dry }: { readonly count: number; readonly dry: boolean },
    lifted: (ticket: BanTicket) => void,
  ): boolean {
    const { bans, most } = this.#o;
    while (most() > 0 && bans.size + count > most()) {
      const ticket = this.#takeDry() ?? (dry ? null : bans.takeSoonest());
      if (!ticket) return false;
      this.#gaveWay.happened();
      lifted(ticket);
    }
    return true;
  }

  /** Takes the ban of a dry run off the list that ends soonest: it gives way before any real one. */
  #takeDry(): BanTicket | null {
    const { bans, isDryRun } = this.#o;
    if (!isDryRun()) return null;
    let soonest: BanTicket | null = null;
    let end = NEVER;
    for (const ticket of bans.tickets()) {
      if (ticket.mode !== "dry" || bans.endOf(ticket) >= end) continue;
      soonest = ticket;
      end = bans.endOf(ticket);
    }
    if (soonest) bans.remove(soonest.id);
    return soonest;
  }

  /** A ban was refused because there was no room. */
  refuse(ticket: BanTicket): void {
    this.#refused.happened(ticket.id.text);
  }
}
