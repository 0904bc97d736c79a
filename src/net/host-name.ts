import { hostname } from "node:os";
import { type NameService, systemNames } from "./resolver.ts";

/** The names of this machine. The full name is asked from the resolver once and is the short one until then. */
export class HostName {
  readonly short: string;
  #full: string;

  constructor(names: NameService = systemNames, name: string = hostname()) {
    this.#full = name;
    this.short = name.split(".")[0] ?? name;
    if (name.includes(".")) return;
    // Asking takes Node milliseconds of its own, for which a start need not wait.
    setImmediate(() => void this.#complete(names, name)).unref();
  }

  /** The full name, with domain where there is one. */
  get full(): string {
    return this.#full;
  }

  async #complete(names: NameService, name: string): Promise<void> {
    try {
      for (const address of await names.addressesOf(name)) {
        const found = await names.nameOf(address);
        if (!found.includes(".")) continue;
        this.#full = found;
        return;
      }
    } catch {
      // A machine without a name in DNS or hosts file keeps its short one.
    }
  }
}
