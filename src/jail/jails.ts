import { type Logger, LogHub } from "../log/logger.ts";
import { duplicateJail, unknownJail } from "../pyvalue/errors.ts";
import { waitAtMost } from "../time/wait-at-most.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import type { JailServices } from "./services.ts";
import { warmUp } from "./warm-up.ts";

/** Bans that come back from the database go before preparations, unless an action takes longer than this; seconds. */
const RESTORE_SECONDS = 1;

/** The jails of a server, in the order in which they were added. */
export class Jails {
  readonly #services: JailServices;
  /** Logger `fail2ban.server`. */
  readonly #log: Logger;
  readonly #jails = new Map<string, Jail>();

  constructor(services: JailServices) {
    this.#services = services;
    this.#log = services.hub.logger("server");
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
   * Makes a jail with default settings; it has yet to be started. During a reload a jail of the same backend
   * is used again, with its bans and failures.
   *
   * @throws {PyError} when the name is taken or the backend cannot be used
   */
  async add(name: string, backend: string): Promise<void> {
    const known = this.#jails.get(name);
    if (known && !known.reloading) throw duplicateJail(name);
    if (known?.requestedBackend === backend) {
      this.#log.info(`Reload jail '${name}'`);
      return;
    }
    const chosen = chooseBackend(backend);
    if (known) {
      this.#log.info(`Restart jail '${name}' (reason: '${known.requestedBackend}' != '${backend}')`);
      await this.stop(name);
    }
    this.#jails.set(name, new Jail(name, chosen, this.#services));
    this.#services.database()?.addJail(name);
  }

  /**
   * Jails of their own on which commands can be tried: they belong to no server, read no file, enforce and
   * write nothing, and say nothing.
   */
  rehearsal(): Jails {
    return new Jails({ ...this.#services, hub: new LogHub(() => {}), database: () => null });
  }

  /** Fulfilled when the bans of the database are in force again, in all jails that there are now. */
  get restored(): Promise<unknown> {
    return Promise.all(this.all().map((jail) => jail.restored));
  }

  /**
   * Works out what the first line of each jail takes, jail by jail, so that others get their turn. Bans that come back
   * from the database are put in force before.
   */
  async prepare(): Promise<void> {
    await waitAtMost(this.#services.clock, RESTORE_SECONDS, this.restored);
    for (const jail of this.all()) {
      jail.filter.prepare();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Prepares for attackers to come, see {@link warmUp}. To be called when nothing else is to be done. */
  warmUp(): Promise<void> {
    return warmUp(this.#services);
  }

  /** Starts a jail, or ends its reload; has no effect on one that runs. */
  async start(name: string): Promise<void> {
    const jail = this.get(name);
    if (!jail.reloading || !jail.running) return jail.start();
    await jail.finishReload();
    this.#log.info(`Jail '${name}' reloaded`);
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
