import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { BanList, BanTicket } from "../track/ban-list.ts";
import type { ActionList } from "./action-list.ts";
import { QUIET_REPEAT_SECONDS } from "./ban-log.ts";
import { isEnforced } from "./dry-run.ts";
import type { Enforcer } from "./enforcer.ts";

/** What finding lost bans needs. */
export interface LostBansOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  readonly bans: BanList;
  readonly actions: ActionList;
  /** Carries bans out by the actions. */
  readonly enforcer: Enforcer;
}

/**
 * Puts bans back in force that the firewall has lost: to somebody who flushed it, and to the repair of the action by
 * which that came out. Each repair begins a new epoch of the actions; bans of an older one may be lost.
 */
export class LostBans {
  readonly #o: LostBansOptions;
  #lastCheck = Number.NEGATIVE_INFINITY;
  /** Bans that the actions are at work on. */
  readonly #enforcing = new Set<BanTicket>();

  constructor(options: LostBansOptions) {
    this.#o = options;
  }

  /** Has a ban enforced. When an action had to be repaired for it, the bans that were lost before come back, too. */
  async enforce(ticket: BanTicket): Promise<void> {
    const { actions, enforcer } = this.#o;
    const { epoch } = actions;
    this.#enforcing.add(ticket);
    try {
      await enforcer.ban(ticket);
    } finally {
      this.#enforcing.delete(ticket);
    }
    if (actions.epoch === epoch) return;
    ticket.epoch = actions.epoch;
    await this.#putBack();
  }

  /**
   * Has each action look whether its environment is still sane, and puts all bans back that were lost with it, also
   * those lost at an earlier repair.
   */
  async verify(): Promise<void> {
    await this.#o.actions.consistencyCheck();
    await this.#putBack();
  }

  /**
   * Somebody who is banned has failed again, so the ban may be lost: looks, not too often, and puts it back.
   *
   * @param since seconds between the ban and the failure
   * @returns 1 when it had to be put back
   */
  async failedAgain(known: BanTicket, since: number): Promise<0 | 1> {
    const { bans, actions, clock } = this.#o;
    if (!isEnforced(known)) return 0;
    const now = clock.now();
    const mayBeLost = known.epoch === actions.epoch && since > QUIET_REPEAT_SECONDS;
    if (mayBeLost && Math.abs(now - this.#lastCheck) > QUIET_REPEAT_SECONDS) {
      this.#lastCheck = now;
      await actions.consistencyCheck();
    }
    if (known.epoch >= actions.epoch || bans.get(known.id) !== known) return 0;
    return this.#putOneBack(known);
  }

  /** Has all bans enforced that were lost at a repair; those that are just being enforced are not. */
  async #putBack(): Promise<void> {
    const { bans, actions, enforcer, log, jail } = this.#o;
    const isSettled = (ticket: BanTicket) =>
      isEnforced(ticket) && ticket.epoch < actions.epoch && !this.#enforcing.has(ticket);
    const lost = Map.groupBy(bans.tickets().filter(isSettled), (ticket) =>
      actions.thatLost(ticket).join(", "),
    );
    const rebans = [...lost].flatMap(([names, tickets]) => {
      if (names !== "") log.notice(`[${jail}] Reban ${tickets.length} ticket(s), action(s) ${names}`);
      return tickets.map((ticket) => {
        const losers = actions.thatLost(ticket);
        ticket.epoch = actions.epoch;
        return losers.length > 0 ? enforcer.reban(ticket, losers) : undefined;
      });
    });
    await Promise.all(rebans);
  }

  async #putOneBack(ticket: BanTicket): Promise<0 | 1> {
    const { actions, enforcer, log, jail } = this.#o;
    const losers = actions.thatLost(ticket);
    if (losers.length === 0) return 0;
    const which = losers.length === 1 ? `, action '${losers[0]}'` : "";
    log.notice(`[${jail}] Reban ${ticket.id.text}${which}`);
    ticket.epoch = actions.epoch;
    await enforcer.reban(ticket, losers);
    return 1;
  }
}
