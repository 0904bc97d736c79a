import type { Clock } from "./clock.ts";

/** Waits for work, but no longer than so many seconds; the work goes on. Fails when it fails in that time. */
export async function waitAtMost(clock: Clock, seconds: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(seconds, resolve);
  try {
    await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}
