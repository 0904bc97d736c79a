import { duplicateJail, unknownJail } from "../pyvalue/errors.ts";
import { chooseBackend } from "./backend.ts";
import { Jail, type JailServices } from "./jail.ts";

/** The jails of a server, in the order in which they were added. */
export class Jails {
  readonly #services: JailServices;
  readonly #jails = new Map<string, Jail>();

  constructor(services: JailServices) {
    this.#services = services;
  }

  get services(): JailServices {
    return this.#services;
  }

  names(): string[] {
    return [...this.#jails.keys()];
  }

  all(): Jail[] {
    return [...this.#jails.values()];
  }

  has(name: string): boolean {
    return this.#jails.has(name);
  }

  /** @throws {PyError} for an unknown name */
  get(name: string): Jail {
    const jail = this.#jails.get(name);
    if (!jail) throw unknownJail(name);
    return jail;
  }

  /**
   * Makes a jail with default settings; it has yet to be started.
   *
   * @throws {PyError} when the name is taken or the backend cannot be used
   */
  add(name: string, backend: string): Jail {
    if (this.#jails.has(name)) throw duplicateJail(name);
    const jail = new Jail(name, chooseBackend(backend), this.#services);
    this.#jails.set(name, jail);
    this.#services.database()?.addJail(name);
    return jail;
  }

  /** Starts a jail; has no effect on one that runs. */
  start(name: string): void {
    this.get(name).start();
  }

  /** Stops a jail and removes it. Its bans are lifted, but the database keeps them. */
  async stop(name: string): Promise<void> {
    const jail = this.get(name);
    this.#jails.delete(name);
    await jail.stop();
  }

  /** Stops and removes all jails, all at the same time. */
  async stopAll(): Promise<void> {
    await Promise.all(this.names().map((name) => this.stop(name)));
  }

  /** Lifts all bans of all jails and forgets them. Returns their number. */
  async unbanAll(): Promise<number> {
    const counts = await Promise.all(this.all().map((jail) => jail.unbanAll()));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
