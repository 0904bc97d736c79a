import { createContext, Script } from "node:vm";

/**
 * Runs work under a time limit that holds even while a single regular expression backtracks.
 *
 * The engine can only cut off a whole script, so the work runs inside one. It is cut off at an arbitrary
 * point, and no `finally` is run: the work must be such that what it has stored so far is valid at any moment.
 */
export class TimeGuard {
  readonly #limitMs: number;
  readonly #scope: { work: () => void };
  readonly #context: object;

  /** @param limitMs time limit in milliseconds; `Infinity` switches the guard off */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#scope = { work: () => {} };
    this.#context = createContext(this.#scope);
  }

  /** Runs `work`; false when the time was up before it ended. Errors of the work pass through. */
  run(work: () => void): boolean {
    if (this.#limitMs === Number.POSITIVE_INFINITY) {
      work();
      return true;
    }
    this.#scope.work = work;
    try {
      CALL.runInContext(this.#context, { timeout: this.#limitMs });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
      throw error;
    } finally {
      this.#scope.work = IDLE;
    }
  }
}

const CALL = new Script("work()");
const IDLE = () => {};
