import type { Identifier } from "../net/identifier.ts";
import type { BanTicket } from "../track/ban-list.ts";
import type { NetworkGuard } from "../track/network-guard.ts";
import type { PrefixRules } from "../track/prefix-rules.ts";

/** Says who is counted and banned for the failure of an address: the address, or its prefix (`banprefix`). */
export class BanSubjects {
  readonly #rules: () => PrefixRules;
  readonly #guard: NetworkGuard;

  /** @param rules value of `banprefix` */
  constructor(rules: () => PrefixRules, guard: NetworkGuard) {
    this.#rules = rules;
    this.#guard = guard;
  }

  /** The prefix, unless it holds an address that must not be banned: then the address. At once if that can be said. */
  of(id: Identifier): Identifier | Promise<Identifier> {
    const rule = this.#rules().ruleFor(id);
    if (!rule) return id;
    const network = id.network(rule.length);
    const mayBan = this.#guard.mayBan(network);
    if (typeof mayBan === "boolean") return mayBan ? network : id;
    return mayBan.then((yes) => (yes ? network : id));
  }

  /** Of these bans the prefixes that failures led to and that must not be banned any more. */
  async spared(tickets: readonly BanTicket[]): Promise<Identifier[]> {
    const prefixes = tickets.filter(({ id, failures }) => failures > 0 && this.#rules().makes(id));
    const mayBan = await Promise.all(prefixes.map(({ id }) => this.#guard.mayBan(id)));
    return prefixes.filter((_, index) => !mayBan[index]).map(({ id }) => id);
  }
}
