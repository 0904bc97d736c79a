import type { Action } from "../enforce/action.ts";
import { ActionQueue, type ActionWork, DroppedError, QueueFullError } from "../enforce/action-queue.ts";
import type { BanInfo } from "../enforce/ban-info.ts";
import { CommandAction } from "../enforce/command-action.ts";
import type { Logger } from "../log/logger.ts";
import { keyError, valueError } from "../pyvalue/errors.ts";
import { repr, str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import type { BanTicket } from "../track/ban-list.ts";
import type { Enforcer } from "./enforcer.ts";
import { Overload } from "./overload.ts";

/** What the list needs from its jail. */
export interface ActionListOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  /** Makes the values that tags ask for. */
  readonly infoOf: (ticket: BanTicket) => BanInfo;
  /** Most operations that wait for one action, see `ActionQueue`. */
  readonly queueLimit?: number;
}

/** When a jail stops its actions have so many seconds for bans that still wait. */
const GRACE_SECONDS = 5;
/** What needs not be done any more when a jail stops. */
const NEEDLESS_AT_STOP = new Set(["ban", "reban", "prolong"] as const);

interface Entry {
  readonly action: Action;
  readonly queue: ActionQueue;
  /** Identifiers whose ban never reached the action; it is not asked to lift those. */
  readonly unreached: Set<string>;
  readonly overload: Overload;
  /**
   * During a reload: whether the new configuration has mentioned the action yet, and whether it is new in it.
   * `settled` outside of reloads.
   */
  state: "settled" | "stale" | "kept" | "new";
}

/**
 * The actions of a jail in their configured order. Each works through a queue of its own, so a slow one
 * delays no other; failures are logged and stop nobody.
 */
export class ActionList implements Enforcer {
  readonly #o: ActionListOptions;
  readonly #entries = new Map<string, Entry>();
  #reloading = false;
  #asleep = false;
  /** Number of repairs of any action; bans of an older epoch may be lost in the firewall. */
  epoch = 0;

  constructor(options: ActionListOptions) {
    this.#o = options;
  }

  /** Names in configured order. */
  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Whether all of them can take all bans back at once. */
  get allFlush(): boolean {
    return [...this.#entries.values()].every(({ action }) => action.flushes);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** @throws {PyError} `KeyError` for an unknown name */
  get(name: string): Action {
    return this.#entry(name).action;
  }

  /** What each action has been doing, and how much waits for it. */
  work(): (ActionWork & { readonly name: string; readonly waiting: number })[] {
    return [...this.#entries.values()].map(({ action, queue }) => {
      return { name: action.name, waiting: queue.length, ...queue.workDone };
    });
  }

  /** Begins to count their work anew. */
  resetWork(): void {
    for (const { queue } of this.#entries.values()) queue.resetWork();
  }

  /** Calls something of an action in the turn of its queue, between bans. */
  inTurn<T>(name: string, call: () => Promise<T>): Promise<T> {
    return this.#entry(name).queue.do(call);
  }

  /** @throws {PyError} `ValueError` when the name is taken */
  add(action: Action): void {
    if (this.#entries.has(action.name)) throw valueError(`Action ${action.name} already exists`);
    const state = this.#reloading ? "new" : "settled";
    this.#entries.set(action.name, this.#newEntry(action, state));
  }

  /** Puts a new action in the place of the one of the same name, which is stopped. */
  async replace(action: Action): Promise<void> {
    const old = this.#entry(action.name);
    this.#entries.set(action.name, this.#newEntry(action, "new"));
    if (this.#asleep) return;
    await this.#attempt(
      old,
      "stop",
      old.queue.do((a) => a.stop()),
    );
  }

  /** Takes an action off the list without running its stop command. */
  delete(name: string): void {
    this.#entry(name);
    this.#entries.delete(name);
  }

  /** Begins a reload: actions that nobody calls {@link keep} for until {@link finishReload} will go. */
  beginReload(): void {
    this.#reloading = true;
    for (const entry of this.#entries.values()) entry.state = "stale";
  }

  /** The action is in the new configuration too: its commands are emptied to be set again. */
  keep(name: string): void {
    const entry = this.#entry(name);
    entry.state = "kept";
    // Until its commands are set again a ban would find an empty one and seem to succeed.
    entry.queue.hold();
    if (entry.action instanceof CommandAction) entry.action.clearAllParams();
  }

  /** Whether a reload has yet to mention the action. */
  isStale(name: string): boolean {
    return this.#entries.get(name)?.state === "stale";
  }

  /**
   * Ends a reload: what is gone from the configuration is undone, what stayed runs its reload command, what is
   * new is started and enforces the bans in force.
   */
  async finishReload(tickets: readonly BanTicket[]): Promise<void> {
    this.#reloading = false;
    const entries = [...this.#entries.values()];
    for (const { action, state } of entries) if (state === "stale") this.#entries.delete(action.name);
    await Promise.all(
      entries.map((entry) => {
        const { state } = entry;
        entry.state = "settled";
        if (state === "kept") entry.queue.release();
        if (state === "stale") return this.#retire(entry, tickets);
        return state === "new" ? this.#introduce(entry, tickets) : this.#reload(entry);
      }),
    );
  }

  /**
   * From now on nothing is asked of any action, until {@link wake}; to be called before the start. Only what a killed
   * server has left in force is cleared away.
   */
  sleep(): void {
    this.#asleep = true;
  }

  /** Starts the actions that were not started while the list was asleep. */
  async wake(): Promise<void> {
    if (!this.#asleep) return;
    this.#asleep = false;
    await this.start();
  }

  /**
   * Starts all actions; answers when all have started.
   *
   * @param options.afterCrash the server before this one did not stop them
   */
  async start(options: { afterCrash: boolean } = { afterCrash: false }): Promise<void> {
    await this.#each((entry) => this.#start(entry, options.afterCrash));
  }

  /** Stops all actions, the last one first. */
  async stop(): Promise<void> {
    if (this.#asleep) return;
    for (const entry of [...this.#entries.values()].reverse()) {
      await this.#attempt(
        entry,
        "stop",
        entry.queue.do((action) => action.stop()),
      );
    }
  }

  async ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean> {
    const info = this.#o.infoOf(ticket);
    let byAll = true;
    await this.#each((entry) =>
      this.#ban(entry, ticket, info)?.then((done) => {
        if (done) carriedOut?.();
        else byAll = false;
      }),
    );
    return byAll;
  }

  async restore(tickets: readonly BanTicket[]): Promise<void> {
    const infos = tickets.map((ticket) => this.#o.infoOf(ticket));
    await this.#each((entry) => {
      if (entry.action.norestored) return;
      return entry.queue.restore(infos, (error, info) => this.#failed(entry, "ban", error, info));
    });
  }

  async unban(ticket: BanTicket, names: readonly string[] = this.names()): Promise<void> {
    if (names.length === 0) return;
    const info = this.#o.infoOf(ticket);
    await this.#each((entry) => this.#unban(entry, info), names);
  }

  async reban(ticket: BanTicket, names: readonly string[]): Promise<void> {
    const info = this.#o.infoOf(ticket);
    for (const name of names) this.#entries.get(name)?.unreached.delete(info.id.text);
    await this.#each((entry) => this.#attempt(entry, "reban", entry.queue.reban(info), info), names);
  }

  async prolong(ticket: BanTicket): Promise<void> {
    const info = this.#o.infoOf(ticket);
    await this.#each((entry) => {
      if (!entry.action.prolongable || (ticket.restored && entry.action.norestored)) return;
      return this.#attempt(entry, "prolong", entry.queue.prolong(info), info);
    });
  }

  async renew(ticket: BanTicket): Promise<void> {
    const info = this.#o.infoOf(ticket);
    await this.#each((entry) =>
      entry.action.renew ? this.#attempt(entry, "renew", entry.queue.renew(info), info) : undefined,
    );
  }

  /** Has each action look whether its environment is still sane, and repair it. */
  async consistencyCheck(): Promise<void> {
    if (this.#asleep) return;
    await this.#each((entry) => this.#check(entry));
  }

  /** Names of the actions that were repaired after a ticket was enforced, so that it may be lost there. */
  thatLost({ epoch, id }: BanTicket): string[] {
    const isNewer = (action: Action) => (action.epochOf?.(id.family) ?? action.epoch) > epoch;
    return [...this.#entries.values()]
      .filter(({ action }) => isNewer(action))
      .map(({ action }) => action.name);
  }

  /**
   * Takes all bans back at once, where actions can. When the jail stops, bans that have waited for a slow action in
   * vain for some seconds are dropped.
   *
   * @returns names of the actions that need every ban taken back singly
   */
  async flush(options: { stopping: boolean }): Promise<string[]> {
    if (this.#asleep) return [];
    const single: string[] = [];
    await this.#each(async (entry) => {
      if (!(await this.#flush(entry, options.stopping))) single.push(entry.action.name);
    });
    return this.names().filter((name) => single.includes(name));
  }

  /** Answers true when the action needs no single unbans any more. */
  async #flush(entry: Entry, stopping: boolean): Promise<boolean> {
    const { action, queue } = entry;
    if (!action.flushes) {
      if (stopping) await this.#giveGrace(entry);
      return false;
    }
    const { log, jail } = this.#o;
    queue.drop("all bans are lifted");
    entry.unreached.clear();
    log.notice(`[${jail}] Flush ticket(s) with ${action.name}`);
    try {
      if (await queue.do((a) => a.flush())) return true;
    } catch (error) {
      log.error(
        `Failed to flush bans in jail ${repr(jail)} action ${repr(action.name)}: ${messageOf(error)}`,
      );
    }
    log.info("No flush occurred, do consistency check");
    const mayRepair = () => {
      if (!stopping || action.repairsOnUnban) return true;
      log.error("Invariant check failed. Flush is impossible.");
      return false;
    };
    await this.#check(entry, mayRepair);
    return action.checkable;
  }

  async #check(entry: Entry, mayRepair?: () => boolean): Promise<void> {
    if (!entry.action.checkable) return;
    await this.#attempt(
      entry,
      "check",
      entry.queue.do((action) => action.consistencyCheck(mayRepair)),
    );
  }

  async #giveGrace({ action, queue }: Entry): Promise<void> {
    const { clock, log, jail } = this.#o;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(GRACE_SECONDS, resolve);
    await Promise.race([queue.drained(), promise]);
    cancel();
    const dropped = queue.drop("the jail stops", NEEDLESS_AT_STOP);
    if (dropped > 0) {
      log.warning(
        `[${jail}] Stopping: ${dropped} bans still waited for action ${action.name} and are dropped`,
      );
    }
  }

  async #start(entry: Entry, afterCrash = false): Promise<void> {
    const asleep = this.#asleep;
    if (asleep && !afterCrash) return;
    await this.#attempt(
      entry,
      "start",
      entry.queue.do(async (action) => {
        if (afterCrash) await action.clearLeftovers?.();
        if (!asleep) await action.start();
      }),
    );
  }

  #ban(entry: Entry, ticket: BanTicket, info: BanInfo): Promise<boolean> | undefined {
    if (ticket.restored && entry.action.norestored) return;
    return this.#attempt(entry, "ban", entry.queue.ban(info), info);
  }

  #unban(entry: Entry, info: BanInfo): Promise<unknown> | undefined {
    if (entry.unreached.delete(info.id.text)) return;
    return this.#attempt(entry, "unban", entry.queue.unban(info), info);
  }

  #newEntry(action: Action, state: Entry["state"]): Entry {
    const { clock, log, jail, queueLimit } = this.#o;
    const queue = new ActionQueue(action, queueLimit === undefined ? {} : { limit: queueLimit });
    const overload = new Overload(clock, log, `[${jail}] Action ${action.name}`);
    return { action, queue, unreached: new Set(), overload, state };
  }

  async #introduce(entry: Entry, tickets: readonly BanTicket[]): Promise<void> {
    await Promise.all([
      this.#start(entry),
      ...tickets.map((ticket) => this.#ban(entry, ticket, this.#o.infoOf(ticket))),
    ]);
  }

  async #retire(entry: Entry, tickets: readonly BanTicket[]): Promise<void> {
    if (this.#asleep) return;
    const flushed = await this.#flush(entry, true);
    if (!flushed) {
      const unban = async (ticket: BanTicket) => {
        await this.#unban(entry, this.#o.infoOf(ticket));
      };
      await Promise.all(tickets.map(unban));
    }
    await this.#attempt(
      entry,
      "stop",
      entry.queue.do((action) => action.stop()),
    );
  }

  async #reload(entry: Entry): Promise<void> {
    if (this.#asleep) return;
    await this.#attempt(
      entry,
      "reload",
      entry.queue.do((action) => action.reload()),
    );
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw keyError(`Invalid Action name: ${name}`);
    return entry;
  }

  async #each(run: (entry: Entry) => Promise<unknown> | undefined, names?: readonly string[]): Promise<void> {
    const entries = [...this.#entries.values()];
    const chosen = names ? entries.filter(({ action }) => names.includes(action.name)) : entries;
    if (chosen.length === 1) await run(chosen[0]!);
    else await Promise.all(chosen.map(run));
  }

  /** Waits for one operation of one action; a failure is logged. Tells whether it succeeded. */
  async #attempt(entry: Entry, what: string, work: Promise<unknown>, info?: BanInfo): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      this.#failed(entry, what, error, info);
      return false;
    }
  }

  #failed(entry: Entry, what: string, error: unknown, info?: BanInfo): void {
    const unreached = error instanceof DroppedError || error instanceof QueueFullError;
    if (unreached && what === "ban" && info) entry.unreached.add(info.id.text);
    if (error instanceof QueueFullError) entry.overload.refused(error.message);
    if (unreached) return;
    const { log, jail } = this.#o;
    const where = `jail ${repr(jail)} action ${repr(entry.action.name)}`;
    if (!info) log.error(`Failed to ${what} ${where}: ${messageOf(error)}`);
    else {
      const ticket = `ActionInfo({'ip': ${repr(info.id.text)}, 'family': ${repr(info.family)}})`;
      log.error(`Failed to execute ${what} ${where} info '${ticket}': ${messageOf(error)}`);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof PyError ? str(error) : (error as Error).message;
}
