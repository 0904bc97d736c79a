import type { LookupAddress } from "node:dns";
import type { Logger } from "../log/logger.ts";
import { reprString } from "../pyvalue/repr.ts";
import type { Clock } from "../time/clock.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { Identifier } from "./identifier.ts";

/** Asks the system for names and addresses. */
export interface NameService {
  /** All addresses of a host name, as texts. Rejects when there are none. */
  addressesOf(name: string): Promise<string[]>;
  /** Name of an address. Rejects when it has none. */
  nameOf(address: string): Promise<string>;
}

/** The system's resolver (hosts file, DNS, …), loaded with the first question. */
export const systemNames: NameService = {
  addressesOf: (name) =>
    new Promise((resolve, reject) => {
      dns().lookup(name, { all: true }, (error, addresses: LookupAddress[]) =>
        error ? reject(error) : resolve(addresses.map((a) => a.address)),
      );
    }),
  nameOf: (address) =>
    new Promise((resolve, reject) => {
      dns().lookupService(address, 0, (error, host) => (error ? reject(error) : resolve(host)));
    }),
};

function dns() {
  return process.getBuiltinModule("node:dns");
}

const CACHE_ENTRIES = 1000;
const CACHE_SECONDS = 300;

/** Resolves host names and addresses with a cache; failures are cached too and logged once. */
export class Resolver {
  readonly #names: NameService;
  readonly #log: Logger;
  readonly #addresses: ExpiringCache<Promise<readonly Identifier[]>>;
  readonly #hosts: ExpiringCache<Promise<string | null>>;
  /** Whether IPv6 addresses of names count. */
  ipv6Allowed: () => boolean = () => true;

  constructor(options: { clock: Clock; log: Logger; names?: NameService }) {
    this.#names = options.names ?? systemNames;
    this.#log = options.log;
    const now = () => options.clock.now();
    this.#addresses = new ExpiringCache(CACHE_ENTRIES, CACHE_SECONDS, now);
    this.#hosts = new ExpiringCache(CACHE_ENTRIES, CACHE_SECONDS, now);
  }

  /** Addresses of a host name without repetitions; an address stands for itself; never rejects. */
  resolve(name: string): Promise<readonly Identifier[]> {
    const literal = Identifier.parse(name);
    if (literal.isSingle) return Promise.resolve([literal]);
    const cached = this.#addresses.get(name);
    if (cached) return cached;
    const answer = this.#lookUp(name);
    this.#addresses.set(name, answer);
    return answer;
  }

  /** Name of an address, `null` when it has none; never rejects. */
  reverse(address: string): Promise<string | null> {
    const cached = this.#hosts.get(address);
    if (cached) return cached;
    const answer = this.#names.nameOf(address).catch(() => null);
    this.#hosts.set(address, answer);
    return answer;
  }

  /** Forgets all answers. */
  clear(): void {
    this.#addresses.clear();
    this.#hosts.clear();
  }

  async #lookUp(name: string): Promise<readonly Identifier[]> {
    try {
      const found = new Map<string, Identifier>();
      for (const text of await this.#names.addressesOf(name)) {
        const id = Identifier.parse(text);
        if (id.family === "inet4" || (id.family === "inet6" && this.ipv6Allowed())) found.set(id.text, id);
      }
      return [...found.values()];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warning(`Unable to find a corresponding IP address for ${name}: ${reason}`);
      return [];
    }
  }
}

/** The addresses of a name as the reference's log shows them: a Python set of strings. */
export function reprAddresses(addresses: readonly Identifier[]): string {
  return `{${addresses.map((id) => reprString(id.text)).join(", ")}}`;
}
