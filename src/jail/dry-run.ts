import type { BanTicket } from "../track/ban-list.ts";
import { PassingEnforcer } from "./enforcer.ts";

/** Keeps the bans of a dry run from the actions. */
export class DryRun extends PassingEnforcer {
  override async ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean> {
    return isEnforced(ticket) ? this.next.ban(ticket, carriedOut) : true;
  }

  override restore(tickets: readonly BanTicket[]): Promise<void> {
    return this.next.restore(tickets.every(isEnforced) ? tickets : tickets.filter(isEnforced));
  }

  override async unban(ticket: BanTicket, names?: readonly string[]): Promise<void> {
    if (isEnforced(ticket)) await this.next.unban(ticket, names);
  }

  override async reban(ticket: BanTicket, names: readonly string[]): Promise<void> {
    if (isEnforced(ticket)) await this.next.reban(ticket, names);
  }

  override async prolong(ticket: BanTicket): Promise<void> {
    if (isEnforced(ticket)) await this.next.prolong(ticket);
  }

  override async renew(ticket: BanTicket): Promise<void> {
    if (isEnforced(ticket)) await this.next.renew(ticket);
  }
}

/** Whether the actions know of a ban. */
export function isEnforced(ticket: BanTicket): boolean {
  return ticket.mode === "enforced";
}
