import type { Identifier } from "../net/identifier.ts";
import { type BanTicket, NEVER, newBanTicket } from "../track/ban-list.ts";

/** The bans of addresses in one network, enforced singly or as one ban of the network. */
export class BanGroup {
  readonly network: Identifier;
  /** So many bans are enforced as one. */
  readonly count: number;
  /** The bans by the text of their address. */
  readonly members = new Map<string, BanTicket>();
  /** The ban of the network while that is what is enforced. */
  merged: BanTicket | null = null;
  /** The network is not to be banned any more as long as the group exists. */
  exempt = false;

  constructor(network: Identifier, count: number) {
    this.network = network;
    this.count = count;
  }

  /** Whether there are so few bans left that they are better enforced singly: half of what it takes to merge them. */
  get isSparse(): boolean {
    return this.members.size < this.count / 2;
  }

  /** A ban of the network until the last of the members ends. */
  networkTicket(endOf: (ticket: BanTicket) => number): BanTicket {
    const members = [...this.members.values()];
    const time = Math.max(...members.map((ticket) => ticket.time));
    return newBanTicket({
      id: this.network,
      time,
      banTime: this.#banTime(time, endOf),
      banCount: 1,
      failures: members.reduce((sum, { failures }) => sum + failures, 0),
      data: members.at(-1)?.data ?? { matches: [] },
      restored: members.every(({ restored }) => restored),
    });
  }

  /** Gives the ban of the network the end of the last member; tells whether it has changed. */
  updateEnd(endOf: (ticket: BanTicket) => number): boolean {
    if (!this.merged) return false;
    const before = this.merged.banTime;
    this.merged.banTime = this.#banTime(this.merged.time, endOf);
    return this.merged.banTime !== before;
  }

  #banTime(since: number, endOf: (ticket: BanTicket) => number): number {
    const end = Math.max(...[...this.members.values()].map(endOf));
    return end >= NEVER ? -1 : end - since;
  }
}
