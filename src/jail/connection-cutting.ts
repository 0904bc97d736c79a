import type { ConnectionCutter } from "../enforce/connection-cutter.ts";
import { Identifier } from "../net/identifier.ts";
import type { BanTicket } from "../track/ban-list.ts";
import { type Enforcer, PassingEnforcer } from "./enforcer.ts";

/** Cuts the connections of who is banned, as soon as an action has carried the ban out (`killconnections`). */
export class ConnectionCutting extends PassingEnforcer {
  readonly #cutter: ConnectionCutter;
  readonly #isOn: () => boolean;

  constructor(next: Enforcer, cutter: ConnectionCutter, isOn: () => boolean) {
    super(next);
    this.#cutter = cutter;
    this.#isOn = isOn;
  }

  override ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean> {
    if (!this.#isOn()) return this.next.ban(ticket, carriedOut);
    // After each action, because nobody knows which of them is the firewall.
    return this.next.ban(ticket, () => {
      carriedOut?.();
      this.#cut(ticket);
    });
  }

  override async restore(tickets: readonly BanTicket[]): Promise<void> {
    await this.next.restore(tickets);
    if (this.#isOn()) for (const ticket of tickets) this.#cut(ticket);
  }

  override async reban(ticket: BanTicket, names: readonly string[]): Promise<void> {
    await this.next.reban(ticket, names);
    if (this.#isOn()) this.#cut(ticket);
  }

  #cut({ id, address }: BanTicket): void {
    this.#cutter.cut(address === null ? id : Identifier.parse(address));
  }
}
