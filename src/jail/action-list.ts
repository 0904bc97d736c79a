import type { Action } from "../enforce/action.ts";
import type { ActionWork } from "../enforce/action-queue.ts";
import type { BanInfo } from "../enforce/ban-info.ts";
import { CommandAction } from "../enforce/command-action.ts";
import { keyError, valueError } from "../pyvalue/errors.ts";
import type { BanTicket } from "../track/ban-list.ts";
import type { Enforcer } from "./enforcer.ts";
import { QueuedAction, type QueuedActionOptions } from "./queued-action.ts";

/** What the list needs from its jail. */
export interface ActionListOptions extends QueuedActionOptions {
  /** Makes the values that tags ask for. */
  readonly infoOf: (ticket: BanTicket) => BanInfo;
}

interface Entry {
  readonly queued: QueuedAction;
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
    return [...this.#entries.values()].every(({ queued }) => queued.action.flushes);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** @throws {PyError} `KeyError` for an unknown name */
  get(name: string): Action {
    return this.#entry(name).queued.action;
  }

  /** What each action has been doing, and how much waits for it. */
  work(): (ActionWork & { readonly name: string; readonly waiting: number })[] {
    return [...this.#entries.values()].map(({ queued: { action, queue } }) => {
      return { name: action.name, waiting: queue.length, ...queue.workDone };
    });
  }

  /** Begins to count their work anew. */
  resetWork(): void {
    for (const { queued } of this.#entries.values()) queued.queue.resetWork();
  }

  /** Calls something of an action in the turn of its queue, between bans. */
  inTurn<T>(name: string, call: () => Promise<T>): Promise<T> {
    return this.#entry(name).queued.queue.do(call);
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
    await old.queued.stop();
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
    const { action, queue } = entry.queued;
    // Until its commands are set again a ban would find an empty one and seem to succeed.
    queue.hold();
    if (action instanceof CommandAction) action.clearAllParams();
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
    for (const { queued, state } of entries) {
      if (state === "stale") this.#entries.delete(queued.action.name);
    }
    await Promise.all(
      entries.map((entry) => {
        const { queued, state } = entry;
        entry.state = "settled";
        if (state === "kept") queued.queue.release();
        if (state === "stale") return this.#retire(queued, tickets);
        return state === "new" ? this.#introduce(queued, tickets) : this.#reload(queued);
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
    const { afterCrash } = options;
    await this.#each((queued) => queued.start({ afterCrash, asleep: this.#asleep }));
  }

  /** Stops all actions, the last one first. */
  async stop(): Promise<void> {
    if (this.#asleep) return;
    for (const { queued } of [...this.#entries.values()].reverse()) await queued.stop();
  }

  async ban(ticket: BanTicket, carriedOut?: () => void): Promise<boolean> {
    const info = this.#o.infoOf(ticket);
    let byAll = true;
    await this.#eachThatHolds((queued) =>
      queued.ban(info, ticket.restored)?.then((done) => {
        if (done) carriedOut?.();
        else byAll = false;
      }),
    );
    return byAll;
  }

  async restore(tickets: readonly BanTicket[]): Promise<void> {
    const infos = tickets.map((ticket) => this.#o.infoOf(ticket));
    await this.#each((queued) => queued.restore(infos));
  }

  async unban(ticket: BanTicket, names: readonly string[] = this.names()): Promise<void> {
    if (names.length === 0) return;
    const info = this.#o.infoOf(ticket);
    await this.#eachThatHolds((queued) => queued.unban(info), names);
  }

  async reban(ticket: BanTicket, names: readonly string[]): Promise<void> {
    const info = this.#o.infoOf(ticket);
    await this.#eachThatHolds((queued) => queued.reban(info), names);
  }

  async prolong(ticket: BanTicket): Promise<void> {
    const info = this.#o.infoOf(ticket);
    await this.#eachThatHolds((queued) => queued.prolong(info, ticket.restored));
  }

  async renew(ticket: BanTicket): Promise<void> {
    const info = this.#o.infoOf(ticket);
    await this.#each((queued) => queued.renew(info));
  }

  /** Has each action look whether its environment is still sane, and repair it. */
  async consistencyCheck(): Promise<void> {
    if (this.#asleep) return;
    await this.#each((queued) => queued.check());
  }

  /** Names of the actions that were repaired after a ticket was enforced, so that it may be lost there. */
  thatLost({ epoch, id }: BanTicket): string[] {
    const isNewer = (action: Action) => (action.epochOf?.(id.family) ?? action.epoch) > epoch;
    return this.#queued()
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
    await this.#each(async (queued) => {
      if (!(await queued.flush(options.stopping))) single.push(queued.action.name);
    });
    return this.names().filter((name) => single.includes(name));
  }

  #newEntry(action: Action, state: Entry["state"]): Entry {
    return { queued: new QueuedAction(action, this.#o), state };
  }

  async #introduce(queued: QueuedAction, tickets: readonly BanTicket[]): Promise<void> {
    await Promise.all([
      queued.start({ afterCrash: false, asleep: this.#asleep }),
      ...tickets.map((ticket) => queued.ban(this.#o.infoOf(ticket), ticket.restored)),
    ]);
  }

  async #retire(queued: QueuedAction, tickets: readonly BanTicket[]): Promise<void> {
    if (this.#asleep) return;
    const flushed = await queued.flush(true);
    if (!flushed) await Promise.all(tickets.map((ticket) => queued.unban(this.#o.infoOf(ticket))));
    await queued.stop();
  }

  async #reload(queued: QueuedAction): Promise<void> {
    if (!this.#asleep) await queued.reload();
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw keyError(`Invalid Action name: ${name}`);
    return entry;
  }

  #queued(): QueuedAction[] {
    return [...this.#entries.values()].map(({ queued }) => queued);
  }

  /** Waits only for actions that hold bans: one that sends mails may take its time. */
  async #eachThatHolds(
    run: (queued: QueuedAction) => Promise<unknown> | undefined,
    names?: readonly string[],
  ): Promise<void> {
    await this.#each((queued) => {
      const done = run(queued);
      return queued.action.holdsBans ? done : undefined;
    }, names);
  }

  async #each(
    run: (queued: QueuedAction) => Promise<unknown> | undefined,
    names?: readonly string[],
  ): Promise<void> {
    const all = this.#queued();
    const chosen = names ? all.filter(({ action }) => names.includes(action.name)) : all;
    if (chosen.length === 1) await run(chosen[0]!);
    else await Promise.all(chosen.map(run));
  }
}
