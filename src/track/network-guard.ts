import { ExpiringCache } from "../net/expiring-cache.ts";
import type { Identifier } from "../net/identifier.ts";
import type { IgnoreRules } from "./ignore-rules.ts";

const REMEMBERED = 10_000;
const SECONDS = 60;

/**
 * Says which networks may be banned as a whole: those without any address that is ignored or of this machine. Answers
 * are remembered for a minute, because an attack asks the same again and again.
 */
export class NetworkGuard {
  readonly #ignore: IgnoreRules;
  readonly #known: ExpiringCache<boolean>;
  #version = -1;

  /** @param now current time in seconds */
  constructor(ignore: IgnoreRules, now: () => number) {
    this.#ignore = ignore;
    this.#known = new ExpiringCache(REMEMBERED, SECONDS, now);
  }

  /** Answers at once unless `ignoreip` holds names. */
  mayBan(network: Identifier): boolean | Promise<boolean> {
    if (this.#version !== this.#ignore.version) this.#known.clear();
    this.#version = this.#ignore.version;
    const known = this.#known.get(network.text);
    if (known !== undefined) return known;
    const concerned = this.#ignore.concerns(network);
    if (typeof concerned === "boolean") return this.#remember(network, !concerned);
    return concerned.then((yes) => this.#remember(network, !yes));
  }

  #remember(network: Identifier, mayBan: boolean): boolean {
    this.#known.set(network.text, mayBan);
    return mayBan;
  }
}
