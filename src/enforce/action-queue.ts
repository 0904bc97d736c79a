import type { Action } from "./action.ts";
import type { BanInfo } from "./ban-info.ts";

/** Bounds of an {@link ActionQueue}. */
export interface ActionQueueOptions {
  /** Most operations that wait; further bans are refused, everything else is taken. Default 100 000. */
  readonly limit?: number;
  /** Most bans that are handed to the action at once, if it takes several. Default 1000. */
  readonly longestRun?: number;
}

/** A ban was not queued because too many operations wait already. */
export class QueueFullError extends Error {
  constructor(action: string, waiting: number) {
    super(`action ${action} is too slow: ${waiting} operations wait, the ban is not executed`);
    this.name = "QueueFullError";
  }
}

/** A ban was taken from the queue before its turn. */
export class DroppedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "DroppedError";
  }
}

interface Operation {
  /** The ban, for bans that may be executed together with their neighbours. */
  readonly ban: BanInfo | null;
  readonly droppable: boolean;
  run(): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The operations of one action of one jail, executed one at a time in the order in which they were asked for.
 * Each action has a queue of its own, so a slow one delays no other. Every method answers when its operation
 * was executed.
 */
export class ActionQueue {
  readonly #action: Action;
  readonly #limit: number;
  readonly #longestRun: number;
  #waiting: Operation[] = [];
  /** Index of the first operation that still waits. */
  #head = 0;
  #working: Promise<void> | null = null;
  #held: PromiseWithResolvers<void> | null = null;

  constructor(action: Action, options: ActionQueueOptions = {}) {
    this.#action = action;
    this.#limit = options.limit ?? 100_000;
    this.#longestRun = options.longestRun ?? 1000;
  }

  get action(): Action {
    return this.#action;
  }

  /** Number of operations that wait; the running one is not counted. */
  get length(): number {
    return this.#waiting.length - this.#head;
  }

  /**
   * Executes a ban.
   *
   * @throws QueueFullError when too many operations wait
   */
  ban(info: BanInfo): Promise<void> {
    if (this.length >= this.#limit) {
      return Promise.reject(new QueueFullError(this.#action.name, this.length));
    }
    return this.#add({ ban: info, droppable: true, run: () => this.#action.ban(info) });
  }

  unban(info: BanInfo): Promise<void> {
    return this.#add({ ban: null, droppable: true, run: () => this.#action.unban(info) });
  }

  reban(info: BanInfo): Promise<void> {
    return this.#add({ ban: null, droppable: true, run: () => this.#action.reban(info) });
  }

  prolong(info: BanInfo): Promise<void> {
    return this.#add({ ban: null, droppable: true, run: () => this.#action.prolong(info) });
  }

  /** Executes anything else in its turn: start, stop, flush, a check, a change of options. */
  do<T>(operation: (action: Action) => Promise<T>): Promise<T> {
    return this.#add({ ban: null, droppable: false, run: () => operation(this.#action) });
  }

  /**
   * Forgets the bans and unbans that wait, for instance because all bans are about to be taken back. They fail
   * with {@link DroppedError}. Returns how many there were.
   */
  drop(reason: string): number {
    const waiting = this.#waiting.slice(this.#head);
    const dropped = waiting.filter((operation) => operation.droppable);
    this.#waiting = waiting.filter((operation) => !operation.droppable);
    this.#head = 0;
    for (const operation of dropped) operation.reject(new DroppedError(reason));
    return dropped.length;
  }

  /**
   * Lets nothing more begin until {@link release}: while options are set anew, an operation would find half of
   * them.
   */
  hold(): void {
    this.#held ??= Promise.withResolvers<void>();
  }

  /** Goes on after {@link hold}. */
  release(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  /** Resolves when nothing waits and nothing runs. */
  async drained(): Promise<void> {
    while (this.#working) await this.#working;
  }

  #add<T>(operation: Omit<Operation, "resolve" | "reject">): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ ...operation, resolve: (value) => resolve(value as T), reject });
    this.#working ??= this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    // Whoever asks next in this turn of the event loop still joins the first run.
    await Promise.resolve();
    while (this.length > 0) {
      while (this.#held) await this.#held.promise;
      await this.#execute(this.#take());
    }
    this.#working = null;
  }

  /** The operation at the head, and with it the bans that follow if the action takes several. */
  #take(): Operation[] {
    let end = this.#head;
    const most = this.#action.banAll ? this.#longestRun : 1;
    while (end - this.#head < most && this.#waiting[end]?.ban) end++;
    if (end === this.#head && end < this.#waiting.length) end++;
    const run = this.#waiting.slice(this.#head, end);
    this.#head = end;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return run;
  }

  async #execute(run: readonly Operation[]): Promise<void> {
    const [first] = run;
    if (run.length > 1) await this.#executeBans(run);
    else if (first) await settle(first, first.run);
  }

  async #executeBans(run: readonly Operation[]): Promise<void> {
    const infos = run.flatMap((operation) => operation.ban ?? []);
    try {
      const errors = (await this.#action.banAll?.(infos)) ?? [];
      for (const [index, operation] of run.entries()) {
        const error = errors[index] ?? null;
        if (error) operation.reject(error);
        else operation.resolve(undefined);
      }
    } catch (error) {
      for (const operation of run) operation.reject(error);
    }
  }
}

async function settle(operation: Operation, run: () => Promise<unknown>): Promise<void> {
  try {
    operation.resolve(await run());
  } catch (error) {
    operation.reject(error);
  }
}
