import { createContext, Script } from "node:vm";

/** How work under a time limit ended. */
export type GuardResult =
  /** It ended by itself. */
  | "done"
  /** It was cut off after it had used up the time. */
  | "expired"
  /** It was cut off, but has had little of the time for itself: the machine is busy. */
  | "starved";

/**
 * Runs work under a time limit that holds even while a single regular expression backtracks.
 *
 * The engine can only cut off a whole script, so the work runs inside one. It is cut off at an arbitrary
 * point, and no `finally` is run: the work must be such that what it has stored so far is valid at any moment.
 */
export class TimeGuard {
  /**
   * Runs `work`. Errors of the work pass through.
   *
   * @param limitMs time limit in milliseconds; `Infinity`: none
   */
  run(limitMs: number, work: () => void): GuardResult {
    if (limitMs === Number.POSITIVE_INFINITY) {
      work();
      return "done";
    }
    scope.work = work;
    const before = process.threadCpuUsage();
    try {
      CALL.runInContext(sharedContext(), { timeout: Math.ceil(limitMs) });
      return "done";
    } catch (error) {
      if ((error as NodeJS.ErrnoException | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000 < limitMs * FAIR_SHARE ? "starved" : "expired";
    } finally {
      scope.work = idle;
    }
  }
}

/** One for all guards: to make a context takes a millisecond, and only one piece of work runs at a time. */
const scope: { work: () => void } = { work: idle };
let context: object | null = null;

function sharedContext(): object {
  context ??= createContext(scope);
  return context;
}

/** Part of the time limit that work must have had for itself before it can be blamed. */
const FAIR_SHARE = 0.7;
const CALL = new Script("work()");

function idle(): void {}
