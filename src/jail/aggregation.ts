import type { Logger } from "../log/logger.ts";
import type { Identifier } from "../net/identifier.ts";
import { type BanTicket, newBanTicket } from "../track/ban-list.ts";
import type { NetworkGuard } from "../track/network-guard.ts";
import { BanGroup } from "./ban-group.ts";
import type { BanRules } from "./ban-policy.ts";
import { type Enforcer, PassingEnforcer } from "./enforcer.ts";

/** What aggregation needs. */
export interface AggregationOptions {
  /** Name of the jail. */
  readonly jail: string;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  readonly rules: () => BanRules;
  readonly guard: NetworkGuard;
  /** When a ban ends, seconds since 1970 UTC. */
  readonly endOf: (ticket: BanTicket) => number;
}

/**
 * Has the actions ban a network in place of its addresses when many of those are banned (`aggregate`). The list of bans
 * and the database know nothing of it: there each address has its own ban, with its own end. When fewer than half as many
 * are left, or somebody lifts one by hand, they are enforced singly again.
 */
export class Aggregation extends PassingEnforcer {
  readonly #o: AggregationOptions;
  #groups = new Map<string, BanGroup>();
  /** Bans that were lifted together with a network when all bans were. */
  readonly #lifted = new WeakSet<BanTicket>();

  constructor(next: Enforcer, options: AggregationOptions) {
    super(next);
    this.#o = options;
  }

  /** The networks that are banned in place of their addresses. */
  get networks(): Identifier[] {
    return [...this.#groups.values()].filter(({ merged }) => merged).map(({ network }) => network);
  }

  /** The network around an identifier that is banned in place of addresses. */
  networkAround(id: Identifier): Identifier | undefined {
    return this.#mergedAround(id)?.network;
  }

  /** What the actions hold for these bans. */
  held(tickets: readonly BanTicket[]): BanTicket[] {
    const held = new Set<BanTicket>();
    for (const ticket of tickets) held.add(this.#groupWith(ticket)?.merged ?? ticket);
    return [...held];
  }

  /** Somebody is to be reached again: no network around it is banned from now on. Tells whether one was. */
  async free(id: Identifier): Promise<boolean> {
    const group = this.#mergedAround(id);
    if (!group) return false;
    group.exempt = true;
    if (!group.members.has(id.text)) await this.#split(group);
    return true;
  }

  /** Enforces singly what must not be enforced as one any more, because the ignore rules have changed. */
  async recheck(): Promise<void> {
    const merged = [...this.#groups.values()].filter((group) => group.merged);
    await Promise.all(
      merged.map(async (group) => {
        if (await this.#o.guard.mayBan(group.network)) return;
        group.exempt = true;
        await this.#split(group);
      }),
    );
  }

  /** Groups bans anew, because the option has changed. */
  async regroup(tickets: readonly BanTicket[]): Promise<void> {
    const old = [...this.#groups.values()];
    this.#groups = new Map();
    for (const ticket of tickets) this.#join(ticket);
    const split = old.map((group) => this.#split(group));
    const merged = [...this.#groups.values()].map((group) =>
      this.#isDue(group) ? this.#merge(group, []) : null,
    );
    await Promise.all([...split, ...merged]);
  }

  override async ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean> {
    const group = this.#join(ticket);
    if (!group) return this.next.ban(ticket, carriedOut);
    if (group.merged) {
      carriedOut?.();
      await this.#endChanged(group);
      return true;
    }
    return this.#isDue(group) ? this.#merge(group, [ticket], carriedOut) : this.next.ban(ticket, carriedOut);
  }

  override async restore(tickets: readonly BanTicket[]): Promise<void> {
    if (this.#o.rules().aggregate.list.length === 0) return this.next.restore(tickets);
    const single: BanTicket[] = [];
    const fresh = new Map<BanGroup, BanTicket[]>();
    for (const ticket of tickets) {
      const group = this.#join(ticket);
      if (group) fresh.set(group, [...(fresh.get(group) ?? []), ticket]);
      else single.push(ticket);
    }
    const work: Promise<unknown>[] = [];
    for (const [group, members] of fresh) {
      if (group.merged) work.push(this.#endChanged(group));
      else if (this.#isDue(group)) work.push(this.#merge(group, members));
      else single.push(...members);
    }
    await Promise.all([this.next.restore(single), ...work]);
  }

  override async unban(ticket: BanTicket, names?: readonly string[]): Promise<void> {
    if (this.#lifted.delete(ticket)) return;
    const group = this.#groupWith(ticket);
    group?.members.delete(ticket.id.text);
    if (group?.members.size === 0) this.#groups.delete(group.network.text);
    if (!group?.merged) return this.next.unban(ticket, names);
    if (group.members.size === 0) await this.next.unban(group.merged, names);
    else if (group.exempt || group.isSparse) await this.#split(group);
  }

  override async reban(ticket: BanTicket, names: readonly string[]): Promise<void> {
    const merged = this.#groupWith(ticket)?.merged;
    if (!merged) return this.next.reban(ticket, names);
    if (merged.epoch >= this.epoch) return;
    merged.epoch = this.epoch;
    await this.next.reban(merged, names);
  }

  override async prolong(ticket: BanTicket): Promise<void> {
    const group = this.#groupWith(ticket);
    if (!group?.merged) return this.next.prolong(ticket);
    if (group.updateEnd(this.#o.endOf)) await this.next.prolong(group.merged);
  }

  override async renew(ticket: BanTicket): Promise<void> {
    const group = this.#groupWith(ticket);
    if (!group?.merged) return this.next.renew(ticket);
    group.updateEnd(this.#o.endOf);
    // Once for all members.
    if (ticket === [...group.members.values()].at(-1)) await this.next.renew(group.merged);
  }

  override async flush(options: { readonly stopping: boolean }): Promise<string[]> {
    const merged = [...this.#groups.values()].filter((group) => group.merged);
    this.#groups = new Map();
    for (const { members } of merged) for (const ticket of members.values()) this.#lifted.add(ticket);
    const single = await this.next.flush(options);
    if (single.length > 0) await Promise.all(merged.map((group) => this.next.unban(group.merged!, single)));
    return single;
  }

  #join(ticket: BanTicket): BanGroup | null {
    const rule = this.#o.rules().aggregate.ruleFor(ticket.id);
    if (!rule) return null;
    const network = ticket.id.network(rule.length);
    let group = this.#groups.get(network.text);
    if (!group) {
      group = new BanGroup(network, rule.count);
      this.#groups.set(network.text, group);
    }
    group.members.set(ticket.id.text, ticket);
    return group;
  }

  #groupWith({ id }: BanTicket): BanGroup | undefined {
    const rule = this.#o.rules().aggregate.ruleFor(id);
    const group = rule && this.#groups.get(id.network(rule.length).text);
    return group?.members.has(id.text) ? group : undefined;
  }

  #mergedAround(id: Identifier): BanGroup | undefined {
    for (const { family, length } of this.#o.rules().aggregate.list) {
      if (family !== id.family || id.prefix < length) continue;
      const group = this.#groups.get(id.network(length).text);
      if (group?.merged) return group;
    }
    return undefined;
  }

  #isDue(group: BanGroup): boolean {
    if (group.merged || group.exempt || group.members.size < group.count) return false;
    const mayBan = this.#o.guard.mayBan(group.network);
    // A name has to be resolved first; until then the addresses are banned singly.
    if (typeof mayBan !== "boolean") void mayBan.then(() => this.#isDue(group) && this.#merge(group, []));
    return mayBan === true;
  }

  /** @param fresh members that are not enforced yet */
  async #merge(group: BanGroup, fresh: readonly BanTicket[], carriedOut?: () => void): Promise<boolean> {
    const { log, jail, endOf } = this.#o;
    const { network, members } = group;
    const merged = group.networkTicket(endOf);
    merged.epoch = this.epoch;
    group.merged = merged;
    log.notice(
      `[${jail}] Aggregate ${members.size} bans in ${network.text}: the network is blocked in their place`,
    );
    // First the addresses: some firewalls refuse what overlaps. The queues keep the order.
    const lifted = [...members.values()].filter((ticket) => !fresh.includes(ticket));
    const unbans = lifted.map((ticket) => this.next.unban(ticket));
    const done = await this.next.ban(merged, carriedOut);
    await Promise.all(unbans);
    if (done || group.merged !== merged) return true;
    log.error(`[${jail}] Not every action can block the network ${network.text}`);
    group.exempt = true;
    await this.#split(group);
    return false;
  }

  /** Back to a ban for each address. */
  async #split(group: BanGroup): Promise<void> {
    const { merged } = group;
    if (!merged) return;
    group.merged = null;
    const { log, jail } = this.#o;
    log.notice(`[${jail}] Split ${group.network.text} into the bans of its ${group.members.size} addresses`);
    const unban = this.next.unban(merged);
    const bans = [...group.members.values()].map((ticket) => {
      ticket.epoch = this.epoch;
      // As one that comes back: nobody needs a mail about it.
      return this.next.ban(newBanTicket({ ...fieldsOf(ticket), restored: true }));
    });
    await Promise.all([unban, ...bans]);
  }

  async #endChanged(group: BanGroup): Promise<void> {
    const { endOf, rules } = this.#o;
    if (group.updateEnd(endOf) && rules().kerneltimeout && group.merged) await this.next.renew(group.merged);
  }
}

function fieldsOf({ id, time, timeIsInteger, banTime, banCount, failures, data }: BanTicket) {
  return { id, time, timeIsInteger, banTime, banCount, failures, data };
}
