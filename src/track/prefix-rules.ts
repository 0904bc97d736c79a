import type { Family, Identifier } from "../net/identifier.ts";

/** How addresses of one family are put together. */
export interface PrefixRule {
  readonly family: Family;
  /** Addresses that agree in so many bits belong together. */
  readonly length: number;
  /** How many addresses of one prefix it takes. */
  readonly count: number;
}

/** Which addresses belong together, by family. */
export class PrefixRules {
  readonly list: readonly PrefixRule[];

  /** @param list at most one rule for each family */
  constructor(list: readonly PrefixRule[]) {
    this.list = list;
  }

  /** The rule for a single address; `undefined` for networks, other texts, and families without a rule. */
  ruleFor(id: Identifier): PrefixRule | undefined {
    if (this.list.length === 0 || !id.isSingle) return undefined;
    return this.list.find(({ family }) => family === id.family);
  }

  /** The network that an address belongs to; without a rule for it the address itself. */
  networkOf(id: Identifier): Identifier {
    const rule = this.ruleFor(id);
    return rule ? id.network(rule.length) : id;
  }

  equals(other: PrefixRules): boolean {
    return JSON.stringify(this.list) === JSON.stringify(other.list);
  }

  /** Whether a network is one that these rules make. */
  makes(network: Identifier): boolean {
    return this.list.some(({ family, length }) => family === network.family && length === network.prefix);
  }
}
