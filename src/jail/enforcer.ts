import type { BanTicket } from "../track/ban-list.ts";

/**
 * Carries bans out and takes them back: the actions of a jail, or something in front of them that changes which bans
 * they are asked to carry out. None of the methods fails; what an action cannot do is logged.
 */
export interface Enforcer {
  /** Number of repairs of any action; bans of an older epoch may be lost in the firewall. */
  readonly epoch: number;
  /**
   * Enforces a ban; answers when all actions are done with it, and whether all of them have carried it out.
   *
   * @param carriedOut called after each action that has carried it out
   */
  ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean>;
  /** Enforces bans that come back from the database. */
  restore(tickets: readonly BanTicket[]): Promise<void>;
  /** Has actions take a ban back: all of them, or those named. */
  unban(ticket: BanTicket, names?: readonly string[]): Promise<void>;
  /** Has the named actions put a ban back that was lost. */
  reban(ticket: BanTicket, names: readonly string[]): Promise<void>;
  /** Tells actions that a ban got longer. */
  prolong(ticket: BanTicket): Promise<void>;
  /** Has the firewall told anew when a ban ends. */
  renew(ticket: BanTicket): Promise<void>;
  /**
   * Takes all bans back at once, where actions can.
   *
   * @returns names of the actions that need every ban taken back singly
   */
  flush(options: { readonly stopping: boolean }): Promise<string[]>;
}

/** Passes everything on; a base for those that change one thing. */
export class PassingEnforcer implements Enforcer {
  protected readonly next: Enforcer;

  constructor(next: Enforcer) {
    this.next = next;
  }

  get epoch(): number {
    return this.next.epoch;
  }

  ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean> {
    return this.next.ban(ticket, carriedOut);
  }

  restore(tickets: readonly BanTicket[]): Promise<void> {
    return this.next.restore(tickets);
  }

  unban(ticket: BanTicket, names?: readonly string[]): Promise<void> {
    return this.next.unban(ticket, names);
  }

  reban(ticket: BanTicket, names: readonly string[]): Promise<void> {
    return this.next.reban(ticket, names);
  }

  prolong(ticket: BanTicket): Promise<void> {
    return this.next.prolong(ticket);
  }

  renew(ticket: BanTicket): Promise<void> {
    return this.next.renew(ticket);
  }

  flush(options: { readonly stopping: boolean }): Promise<string[]> {
    return this.next.flush(options);
  }
}
