import type { Logger } from "../log/logger.ts";
import type { BanDatabase } from "../store/database.ts";
import type { Clock } from "../time/clock.ts";
import { formatLocalTime } from "../time/format.ts";
import { formatDuration } from "../time/format-duration.ts";
import { type BanList, type BanTicket, NEVER } from "../track/ban-list.ts";
import type { BanTimeIncrement } from "../track/ban-time-increment.ts";

/** What lengthening bans needs. */
export interface RepeatOffendersOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  /** Logger `fail2ban.observer`. */
  readonly observerLog: Logger;
  readonly bans: BanList;
  readonly increment: BanTimeIncrement;
  /** The database, if there is one: it knows the earlier bans. */
  readonly database: () => BanDatabase | null;
  /** Tells the actions that a ban got longer. */
  readonly prolong: (ticket: BanTicket) => void;
}

/** Makes the bans of those longer who were banned before, where `bantime.increment` asks for it. */
export class RepeatOffenders {
  readonly #o: RepeatOffendersOptions;

  constructor(options: RepeatOffendersOptions) {
    this.#o = options;
  }

  /**
   * Gives a ban the time and the number that are its due by the bans before it.
   *
   * @returns whether the database already holds a ban as new as this one
   */
  lengthen(ticket: BanTicket): boolean {
    const { bans, clock } = this.#o;
    const before = bans.banTimeOf(ticket);
    const isOnRecord = this.#increase(ticket, before);
    const after = bans.banTimeOf(ticket);
    if (after !== before && bans.endOf(ticket) > clock.now()) this.#announce(ticket, before, after);
    return isOnRecord;
  }

  #increase(ticket: BanTicket, banTime: number): boolean {
    const { bans, increment, database, jail, observerLog } = this.#o;
    if (banTime <= 0 || !increment.enabled) return false;
    const past = database()?.banHistory(ticket.id.text, increment.overAllJails ? null : jail);
    if (!past) return false;
    if (past.banCount >= ticket.banCount) ticket.banCount = past.banCount + 1;
    const longer = this.#longerTime(banTime, past.banCount);
    bans.setBanTime(ticket, longer);
    if (ticket.time <= past.timeOfBan) {
      ticket.restored = true;
      return true;
    }
    observerLog.info(
      `[${jail}] IP ${ticket.id.text} is bad: ${past.banCount} # last ${formatLocalTime(past.timeOfBan)}` +
        ` - incr ${formatDuration(banTime)} to ${formatDuration(longer)}`,
    );
    return false;
  }

  /** A formula that cannot be evaluated must not keep a ban from being enforced: it then has its usual time. */
  #longerTime(banTime: number, count: number): number {
    const { increment, jail, log } = this.#o;
    let reason = "the result is no finite number";
    try {
      const longer = increment.compute(banTime, count);
      if (Number.isFinite(longer)) return longer;
    } catch (error) {
      reason = (error as Error).message;
    }
    log.error(
      `[${jail}] bantime.formula '${increment.get("formula")}' cannot be evaluated: ${reason}; the ban is not lengthened`,
    );
    return banTime;
  }

  #announce(ticket: BanTicket, before: number, after: number): void {
    const { jail, observerLog, bans, clock, prolong } = this.#o;
    const end = bans.endOf(ticket);
    const text =
      end >= NEVER ? "permanent -> infinite" : `${formatDuration(after)} -> ${formatLocalTime(end)}`;
    observerLog.notice(`[${jail}] Increase Ban ${ticket.id.text} (${ticket.banCount} # ${text})`);
    const delay = Math.min(10, Math.max(0, after - before - 5));
    const prolongLater = () => {
      if (bans.get(ticket.id) === ticket) prolong(ticket);
    };
    clock.after(delay, prolongLater, { background: true });
  }
}
