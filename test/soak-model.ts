/** The rules of one jail. */
export interface Rules {
  readonly maxRetry: number;
  /** Seconds. */
  readonly findTime: number;
  /** Seconds. */
  readonly banTime: number;
}

/**
 * The rules by which failures lead to bans, as simply as they can be said; it shares nothing with the server. An
 * address that is banned cannot fail.
 */
export class SimpleRules {
  readonly #rules: Rules;
  readonly #failures = new Map<string, number[]>();
  /** When the ban of an address ends. */
  readonly #until = new Map<string, number>();
  /** All bans, in their order. */
  readonly bans: { readonly address: string; readonly time: number }[] = [];

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** @param time seconds since 1970 UTC */
  failure(address: string, time: number): void {
    if ((this.#until.get(address) ?? 0) > time) return;
    const recent = (this.#failures.get(address) ?? []).filter((past) => past > time - this.#rules.findTime);
    recent.push(time);
    if (recent.length < this.#rules.maxRetry) {
      this.#failures.set(address, recent);
      return;
    }
    this.#failures.delete(address);
    this.ban(address, time);
  }

  ban(address: string, time: number): void {
    this.bans.push({ address, time });
    this.#until.set(address, time + this.#rules.banTime);
  }

  unban(address: string): void {
    this.#until.delete(address);
  }

  /** Addresses whose ban lasts at least until a time. */
  bannedUntil(time: number): Set<string> {
    return new Set([...this.#until].filter(([, until]) => until >= time).map(([address]) => address));
  }
}
