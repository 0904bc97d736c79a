import type { Logger } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import type { OwnAddresses } from "../net/own-addresses.ts";
import type { Resolver } from "../net/resolver.ts";
import { valueError } from "../pyvalue/errors.ts";
import type { Clock } from "../time/clock.ts";
import { newBanTicket } from "../track/ban-list.ts";
import type { IgnoreRules } from "../track/ignore-rules.ts";
import type { Aggregation } from "./aggregation.ts";
import type { Banning } from "./banning.ts";

/** What banning by hand needs. */
export interface BansByHandOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  readonly own: OwnAddresses;
  readonly resolver: Resolver;
  readonly ignore: IgnoreRules;
  readonly banning: Banning;
  readonly aggregation: Aggregation;
}

/** What was lifted, and what there was not to lift. */
export interface LiftedBans {
  /** Number of bans lifted. */
  readonly lifted: number;
  /** Those of the texts that were not banned. */
  readonly absent: string[];
}

/** Bans that an administrator makes and lifts in a jail: whole networks and names, too. */
export class BansByHand {
  readonly #o: BansByHandOptions;

  constructor(options: BansByHandOptions) {
    this.#o = options;
  }

  /**
   * Bans identifiers at once, without asking the ignore rules. Returns the number of new bans.
   *
   * @param banTime ban time of their own in seconds, -1 for ever; `null`: that of the jail
   * @throws {PyError} `ValueError` when addresses of this machine are among them (unless `ignoreself` is off): those
   *   are not banned, the others are
   */
  async ban(texts: readonly string[], banTime: number | null): Promise<number> {
    const { jail, clock, log, own, ignore, banning } = this.#o;
    const time = clock.now();
    const ids = texts.map((text) => Identifier.parse(text));
    const { mine = [], others = [] } = Object.groupBy(ids, (id) =>
      ignore.ignoreSelf && own.concernedBy(id) ? "mine" : "others",
    );
    const done = await Promise.all(others.map((id) => banning.ban(newBanTicket({ id, time, banTime }))));
    if (mine.length === 0) return done.reduce<number>((sum, one) => sum + one, 0);
    const list = mine.map((id) => id.text).join(", ");
    log.warning(`[${jail}] Not banned, addresses of this machine: ${list}`);
    throw valueError(`not banned: addresses of this machine (ignoreself = false allows it): ${list}`);
  }

  /** Lifts bans: of identifiers, of all addresses in a network, of all addresses of a name. */
  async unban(texts: readonly string[]): Promise<LiftedBans> {
    const counts = await Promise.all(texts.map((text) => this.#unbanOne(Identifier.parse(text))));
    const absent = texts.filter((_, index) => counts[index] === 0);
    for (const text of absent) this.#o.log.msg(`${text} is not banned`);
    return { lifted: counts.reduce((sum, count) => sum + count, 0), absent };
  }

  /** Lifts the bans that began more than so many seconds ago, and returns their identifiers. */
  async unbanOlder(seconds: number): Promise<string[]> {
    const { clock, banning } = this.#o;
    const before = clock.now() - seconds;
    const old = banning.bans.tickets().filter(({ time }) => time < before);
    const ids = old.map(({ id }) => id);
    await banning.unbanSome(ids);
    return ids.map(({ text }) => text);
  }

  async #unbanOne(id: Identifier): Promise<number> {
    const { aggregation, banning } = this.#o;
    // A network that failures led to, not one banned by hand, is lifted for the sake of each of its addresses.
    const networks = banning.bans.around(id).filter(({ failures }) => failures > 0);
    const freed = await aggregation.free(id);
    const lifted = await banning.unbanSome([id, ...networks.map((ticket) => ticket.id)]);
    const own = lifted === 0 && freed && id.isSingle ? 1 : lifted;
    if (id.isSingle || (own > 0 && id.family === null)) return own;
    return own + (await banning.unbanSome(await this.#inside(id)));
  }

  /** Who is banned in a network, or the addresses of a name. */
  async #inside(id: Identifier): Promise<Identifier[]> {
    const { banning, resolver } = this.#o;
    if (id.family === null) return [...(await resolver.resolve(id.text))];
    const ids = banning.bans.tickets().map((ticket) => ticket.id);
    return ids.filter((one) => id.contains(one));
  }
}
