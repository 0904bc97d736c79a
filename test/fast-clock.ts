import { type Clock, systemClock } from "../src/time/clock.ts";

/** The machine's clock, so many times as fast: what waits for minutes waits for seconds. */
export function fastClock(factor: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * factor,
    after: (seconds, callback, options) => systemClock.after(seconds / factor, callback, options),
  };
}
