import { hostname, networkInterfaces } from "node:os";
import type { Clock } from "../time/clock.ts";
import { Identifier } from "./identifier.ts";
import type { Resolver } from "./resolver.ts";

/** An address that an interface has just got must not be banned; to look costs some 0.1 ms. */
const INTERFACES_SECONDS = 1;
const NAMES_SECONDS = 300;

/** The addresses of this machine: of its interfaces at once, of its host names as soon as they resolve. */
export class OwnAddresses {
  readonly #clock: Clock;
  readonly #resolver: Resolver;
  readonly #interfaces: typeof networkInterfaces;
  #ofInterfaces: ReadonlySet<string> = new Set();
  #ofNames: ReadonlySet<string> = new Set();
  #interfacesReadAt = Number.NEGATIVE_INFINITY;
  #namesReadAt = Number.NEGATIVE_INFINITY;

  constructor(options: { clock: Clock; resolver: Resolver; interfaces?: typeof networkInterfaces }) {
    this.#clock = options.clock;
    this.#resolver = options.resolver;
    this.#interfaces = options.interfaces ?? networkInterfaces;
  }

  /** Whether the identifier is an address of this machine. */
  has(id: Identifier): boolean {
    this.#refresh();
    return this.#ofInterfaces.has(id.text) || this.#ofNames.has(id.text);
  }

  /** Whether the identifier is an address of this machine or a network with one in it. */
  concernedBy(id: Identifier): boolean {
    if (id.isSingle || !id.family) return this.has(id);
    this.#refresh();
    const own = [...this.#ofInterfaces, ...this.#ofNames];
    return own.some((address) => id.contains(Identifier.parse(address)));
  }

  #refresh(): void {
    const now = this.#clock.now();
    if (Math.abs(now - this.#interfacesReadAt) >= INTERFACES_SECONDS) {
      this.#interfacesReadAt = now;
      const entries = Object.values(this.#interfaces()).flatMap((list) => list ?? []);
      this.#ofInterfaces = new Set(entries.map(({ address }) => Identifier.parse(address).text));
    }
    if (Math.abs(now - this.#namesReadAt) < NAMES_SECONDS) return;
    this.#namesReadAt = now;
    // Until the names are resolved anew their old addresses go on to count.
    const names = ["localhost", hostname()];
    void Promise.all(names.map((name) => this.#resolver.resolve(name))).then((lists) => {
      this.#ofNames = new Set(lists.flat().map((id) => id.text));
    });
  }
}
