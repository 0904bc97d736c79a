import { hostname, networkInterfaces } from "node:os";
import type { Clock } from "../time/clock.ts";
import { Identifier } from "./identifier.ts";
import type { Resolver } from "./resolver.ts";

const REFRESH_SECONDS = 300;

/** The addresses of this machine: of its interfaces at once, of its host names as soon as they resolve. */
export class OwnAddresses {
  readonly #clock: Clock;
  readonly #resolver: Resolver;
  readonly #interfaces: typeof networkInterfaces;
  #addresses = new Set<string>();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(options: { clock: Clock; resolver: Resolver; interfaces?: typeof networkInterfaces }) {
    this.#clock = options.clock;
    this.#resolver = options.resolver;
    this.#interfaces = options.interfaces ?? networkInterfaces;
  }

  /** Whether the identifier is an address of this machine. */
  has(id: Identifier): boolean {
    return this.#current().has(id.text);
  }

  /** Whether the identifier is an address of this machine or a network with one in it. */
  concernedBy(id: Identifier): boolean {
    if (id.isSingle || !id.family) return this.has(id);
    return [...this.#current()].some((address) => id.contains(Identifier.parse(address)));
  }

  #current(): ReadonlySet<string> {
    if (Math.abs(this.#clock.now() - this.#readAt) >= REFRESH_SECONDS) this.#refresh();
    return this.#addresses;
  }

  #refresh(): void {
    this.#readAt = this.#clock.now();
    const addresses = new Set<string>();
    for (const entries of Object.values(this.#interfaces())) {
      for (const entry of entries ?? []) addresses.add(Identifier.parse(entry.address).text);
    }
    // Until the names are resolved anew their old addresses go on to count.
    const previous = this.#addresses;
    this.#addresses = addresses.union(previous);
    const names = ["localhost", hostname()];
    void Promise.all(names.map((name) => this.#resolver.resolve(name))).then((lists) => {
      this.#addresses = new Set([...addresses, ...lists.flat().map((id) => id.text)]);
    });
  }
}
