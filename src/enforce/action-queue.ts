import type { Action, BanOperation } from "./action.ts";
import type { BanInfo } from "./ban-info.ts";

/** Bounds of an {@link ActionQueue}. */
export interface ActionQueueOptions {
  /**
   * Most operations that wait; further bans are refused, everything else is taken, also bans that come back from the
   * database, all at once. Default 100 000.
   */
  readonly limit?: number;
}

/** A ban was not queued because too many operations wait already. */
export class QueueFullError extends Error {
  constructor(action: string, waiting: number) {
    super(`${waiting} operations wait for action ${action}`);
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

/** What an action has been doing. */
export interface ActionWork {
  /** Time that its runs took, waiting for programs included. */
  readonly seconds: number;
  readonly runs: number;
  /** What was done in them: bans, unbans, checks and so on. */
  readonly operations: number;
}

const NO_WORK: ActionWork = { seconds: 0, runs: 0, operations: 0 };

/** Hears what becomes of operations: of one, or of many bans that were handed over together. */
interface Outcome {
  resolve(value: unknown): void;
  reject(error: unknown, about: BanOperation | null): void;
}

interface Operation {
  /** Set for operations that may be executed together with their neighbours, and dropped. */
  readonly about: BanOperation | null;
  /** What to execute when it is about no ban. */
  readonly run?: () => Promise<unknown>;
  readonly outcome: Outcome;
}

/**
 * The operations of one action of one jail, executed one at a time in the order in which they were asked for.
 * Each action has a queue of its own, so a slow one delays no other. Every method answers when its operation
 * was executed.
 */
export class ActionQueue {
  readonly #action: Action;
  readonly #limit: number;
  #waiting: Operation[] = [];
  /** Index of the first operation that still waits. */
  #head = 0;
  /** What was dropped while operations were handed to the action: it counts for those that come back. */
  #dropped: ((operation: Operation) => boolean) | null = null;
  #working: Promise<void> | null = null;
  #held: PromiseWithResolvers<void> | null = null;
  #workDone: ActionWork = NO_WORK;

  constructor(action: Action, options: ActionQueueOptions = {}) {
    this.#action = action;
    this.#limit = options.limit ?? 100_000;
  }

  get action(): Action {
    return this.#action;
  }

  /** What the action has been doing since its begin, or since {@link resetWork}. */
  get workDone(): ActionWork {
    return this.#workDone;
  }

  resetWork(): void {
    this.#workDone = NO_WORK;
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
    if (this.length >= this.#limit && !info.restored) {
      return Promise.reject(new QueueFullError(this.#action.name, this.length));
    }
    return this.#operate("ban", info);
  }

  /**
   * Executes many bans that come back from the database, whatever waits already. They cost less than one by one.
   *
   * @param onFailure called for each that fails
   * @returns fulfilled when all were executed or dropped
   */
  restore(infos: readonly BanInfo[], onFailure: (error: unknown, info: BanInfo) => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = infos.length;
    if (left === 0) resolve();
    const end = () => void (--left === 0 && resolve());
    const outcome: Outcome = {
      resolve: end,
      reject(error, about) {
        if (about) onFailure(error, about.info);
        end();
      },
    };
    for (const info of infos) this.#waiting.push({ about: { kind: "ban", info }, outcome });
    this.#begin();
    return promise;
  }

  unban(info: BanInfo): Promise<void> {
    return this.#operate("unban", info);
  }

  reban(info: BanInfo): Promise<void> {
    return this.#operate("reban", info);
  }

  prolong(info: BanInfo): Promise<void> {
    return this.#operate("prolong", info);
  }

  renew(info: BanInfo): Promise<void> {
    return this.#operate("renew", info);
  }

  /** Executes anything else in its turn: start, stop, flush, a check, a change of options. */
  do<T>(operation: (action: Action) => Promise<T>): Promise<T> {
    return this.#add({ about: null, run: () => operation(this.#action) });
  }

  /**
   * Forgets the operations on bans that wait, or those of one kind, for instance because all bans are about to be
   * taken back. They fail with {@link DroppedError}. Returns how many there were.
   */
  drop(reason: string, kinds?: ReadonlySet<BanOperation["kind"]>): number {
    const isDropped = ({ about }: Operation) => about !== null && (kinds?.has(about.kind) ?? true);
    const waiting = this.#waiting.slice(this.#head);
    this.#waiting = waiting.filter((operation) => !isDropped(operation));
    this.#head = 0;
    const dropped = waiting.filter(isDropped);
    for (const { outcome, about } of dropped) outcome.reject(new DroppedError(reason), about);
    const before = this.#dropped;
    this.#dropped = (operation) => before?.(operation) || isDropped(operation);
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

  #operate(kind: BanOperation["kind"], info: BanInfo): Promise<void> {
    return this.#add({ about: { kind, info } });
  }

  #add<T>(operation: Omit<Operation, "outcome">): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ ...operation, outcome: { resolve: (value) => resolve(value as T), reject } });
    this.#begin();
    return promise;
  }

  #begin(): void {
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // Whoever asks next in this turn of the event loop still joins the first run.
    await Promise.resolve();
    while (this.length > 0) {
      while (this.#held) await this.#held.promise;
      const begin = performance.now();
      const executed = await this.#execute(this.#take());
      const { seconds, runs, operations } = this.#workDone;
      this.#workDone = {
        seconds: seconds + (performance.now() - begin) / 1000,
        runs: runs + 1,
        operations: operations + executed,
      };
    }
    this.#working = null;
  }

  /** The operation at the head, and with it those on bans that follow if the action takes several. */
  #take(): Operation[] {
    let end = this.#head;
    const most = this.#action.runSome ? (this.#action.mostAtOnce ?? 1) : 1;
    while (end - this.#head < most && this.#waiting[end]?.about) end++;
    if (end === this.#head && end < this.#waiting.length) end++;
    const run = this.#waiting.slice(this.#head, end);
    this.#head = end;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return run;
  }

  /** Gives the number of operations that were executed. */
  async #execute(run: Operation[]): Promise<number> {
    const [first, second] = run;
    if (second) return this.#executeSome(run);
    if (!first) return 0;
    await this.#executeOne(first);
    return 1;
  }

  async #executeOne({ about, run, outcome }: Operation): Promise<void> {
    try {
      outcome.resolve(await (about ? this.#action[about.kind]?.(about.info) : run?.()));
    } catch (error) {
      outcome.reject(error, about);
    }
  }

  /** Executes as many as the action wants to; the rest goes back to the head. */
  async #executeSome(run: Operation[]): Promise<number> {
    this.#dropped = null;
    let errors: readonly (Error | null)[];
    try {
      errors = (await this.#action.runSome?.(run.flatMap(({ about }) => about ?? []))) ?? [];
    } catch (error) {
      errors = [error as Error];
    }
    const executed = Math.max(1, errors.length);
    for (const [index, { outcome, about }] of run.slice(0, executed).entries()) {
      const error = errors[index] ?? null;
      if (error) outcome.reject(error, about);
      else outcome.resolve(undefined);
    }
    if (executed < run.length) this.#putBack(run.slice(executed));
    return executed;
  }

  #putBack(rest: readonly Operation[]): void {
    const isDropped = this.#dropped ?? (() => false);
    for (const { outcome, about } of rest.filter(isDropped)) {
      outcome.reject(new DroppedError("dropped meanwhile"), about);
    }
    const kept = rest.filter((operation) => !isDropped(operation));
    this.#waiting = [...kept, ...this.#waiting.slice(this.#head)];
    this.#head = 0;
  }
}
