import type { Action } from "../enforce/action.ts";
import { ActionQueue, DroppedError, QueueFullError } from "../enforce/action-queue.ts";
import type { BanInfo } from "../enforce/ban-info.ts";
import type { Logger } from "../log/logger.ts";
import { repr, str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import { waitAtMost } from "../time/wait-at-most.ts";
import { Overload } from "./overload.ts";

/** When a jail stops its actions have so many seconds for bans that still wait. */
const GRACE_SECONDS = 5;
/** What needs not be done any more when a jail stops. */
const NEEDLESS_AT_STOP = new Set(["ban", "reban", "prolong", "renew"] as const);

/** What an action needs from its jail. */
export interface QueuedActionOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly clock: Clock;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
  /** Most operations that wait for one action, see `ActionQueue`. */
  readonly queueLimit?: number;
}

/** One action of a jail with the queue that it works through. Failures are logged; none of the methods fails. */
export class QueuedAction {
  readonly action: Action;
  readonly queue: ActionQueue;
  readonly #o: QueuedActionOptions;
  readonly #overload: Overload;
  /** Identifiers whose ban never reached the action; it is not asked to lift those. */
  readonly #unreached = new Set<string>();

  constructor(action: Action, options: QueuedActionOptions) {
    const { clock, log, jail, queueLimit } = options;
    this.action = action;
    this.queue = new ActionQueue(action, queueLimit === undefined ? {} : { limit: queueLimit });
    this.#o = options;
    this.#overload = new Overload(clock, log, `[${jail}] Action ${action.name}`);
  }

  /**
   * @param options.afterCrash clears away first what a killed server has left
   * @param options.asleep clears away, and does no more
   */
  async start({ afterCrash, asleep }: { afterCrash: boolean; asleep: boolean }): Promise<void> {
    if (asleep && !afterCrash) return;
    const start = async (action: Action) => {
      if (afterCrash) await action.clearLeftovers?.();
      if (!asleep) await action.start();
    };
    await this.#attempt("start", this.queue.do(start));
  }

  async stop(): Promise<void> {
    await this.#attempt(
      "stop",
      this.queue.do((action) => action.stop()),
    );
  }

  async reload(): Promise<void> {
    await this.#attempt(
      "reload",
      this.queue.do((action) => action.reload()),
    );
  }

  /**
   * Has the action look whether its environment is still sane, and repair it.
   *
   * @param mayRepair asked before it is repaired
   */
  async check(mayRepair?: () => boolean): Promise<void> {
    if (!this.action.checkable) return;
    await this.#attempt(
      "check",
      this.queue.do((action) => action.consistencyCheck(mayRepair)),
    );
  }

  /** Tells whether the ban was carried out; `undefined` when the action wants no bans that are restored. */
  ban(info: BanInfo, isRestored: boolean): Promise<boolean> | undefined {
    if (isRestored && this.action.norestored) return;
    return this.#attempt("ban", this.queue.ban(info), info);
  }

  restore(infos: BanInfo[]): Promise<unknown> | undefined {
    if (this.action.norestored) return;
    return this.queue.restore(infos, (error, info) => this.#failed("ban", error, info));
  }

  unban(info: BanInfo): Promise<unknown> | undefined {
    if (!this.action.holdsBans) return;
    if (this.#unreached.delete(info.id.text)) return;
    return this.#attempt("unban", this.queue.unban(info), info);
  }

  reban(info: BanInfo): Promise<unknown> {
    this.#unreached.delete(info.id.text);
    return this.#attempt("reban", this.queue.reban(info), info);
  }

  prolong(info: BanInfo, isRestored: boolean): Promise<unknown> | undefined {
    if (!this.action.prolongable || (isRestored && this.action.norestored)) return;
    return this.#attempt("prolong", this.queue.prolong(info), info);
  }

  renew(info: BanInfo): Promise<unknown> | undefined {
    return this.action.renew ? this.#attempt("renew", this.queue.renew(info), info) : undefined;
  }

  /**
   * Takes all bans back at once, if the action can; what still waits is dropped.
   *
   * @returns whether it needs no single unbans any more
   */
  async flush(stopping: boolean): Promise<boolean> {
    const { action, queue } = this;
    if (!action.flushes) {
      if (stopping) await this.#giveGrace();
      return false;
    }
    const { log, jail } = this.#o;
    queue.drop("all bans are lifted");
    this.#unreached.clear();
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
    await this.check(mayRepair);
    return action.checkable;
  }

  async #giveGrace(): Promise<void> {
    const { clock, log, jail } = this.#o;
    await waitAtMost(clock, GRACE_SECONDS, this.queue.drained());
    const dropped = this.queue.drop("the jail stops", NEEDLESS_AT_STOP);
    if (dropped > 0) {
      log.warning(
        `[${jail}] Stopping: ${dropped} bans still waited for action ${this.action.name} and are dropped`,
      );
    }
  }

  /** Waits for one operation; a failure is logged. Tells whether it succeeded. */
  async #attempt(what: string, work: Promise<unknown>, info?: BanInfo): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      this.#failed(what, error, info);
      return false;
    }
  }

  #failed(what: string, error: unknown, info?: BanInfo): void {
    const unreached = error instanceof DroppedError || error instanceof QueueFullError;
    if (unreached && what === "ban" && info) this.#unreached.add(info.id.text);
    if (error instanceof QueueFullError) this.#overload.refused(error.message);
    if (unreached) return;
    const { log, jail } = this.#o;
    const where = `jail ${repr(jail)} action ${repr(this.action.name)}`;
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
