import type { Logger } from "../log/logger.ts";
import type { BanTicket } from "../track/ban-list.ts";

/** Repetitions within this many seconds are taken for lines that were still on their way. */
export const QUIET_REPEAT_SECONDS = 3;
/** Below this many seconds a repetition is worth a NOTICE, above it a WARNING. */
const NOTABLE_REPEAT_SECONDS = 60;

/**
 * What the log says about bans. Other programs, and the recidive jail, look for lines with `] Ban`; those of a dry run
 * are worded so that nobody takes them for real ones.
 */
export class BanLog {
  readonly #log: Logger;
  readonly #jail: string;

  /** @param log logger `fail2ban.actions` */
  constructor(log: Logger, jail: string) {
    this.#log = log;
    this.#jail = jail;
  }

  banned(ticket: BanTicket): void {
    this.#notice(ticket, ticket.restored ? "Restore Ban" : "Ban");
  }

  /** @param stopping the jail stops, so the ban goes on when it starts again */
  lifted(ticket: BanTicket, stopping = false): void {
    this.#notice(ticket, stopping ? "Repeal Ban" : "Unban");
  }

  /** @param since seconds between the failures that led to the ban and those that would lead to it again */
  repeated(ticket: BanTicket, since: number): void {
    if (ticket.mode !== "enforced") {
      // Nobody is kept out, so this is no trouble.
      this.#log.debug(() => `[${this.#jail}] ${ticket.id.text} would be banned already (dryrun)`);
      return;
    }
    const text = `[${this.#jail}] ${ticket.id.text} already banned`;
    if (since < QUIET_REPEAT_SECONDS) this.#log.debug(text);
    else if (since < NOTABLE_REPEAT_SECONDS) this.#log.notice(text);
    else this.#log.warning(text);
  }

  #notice({ id, mode }: BanTicket, what: string): void {
    const real = mode === "enforced";
    this.#log.notice(
      `[${this.#jail}] ${real ? `${what} ${id.text}` : `Would ${what.toLowerCase()} ${id.text} (dryrun)`}`,
    );
  }
}
