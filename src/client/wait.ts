import type { ClientContext } from "./context.ts";

const FIRST_PAUSE = 0.005;
/** Up to this many seconds after the beginning pauses stay short: a server is there within half of it. */
const EAGER_SECONDS = 0.5;
const EAGER_PAUSE = 0.01;
const LONGEST_PAUSE = 0.5;
const BAR_WIDTH = 11;
const NEVER = new Promise<void>(() => {});

/**
 * Asks again and again, with growing pauses, until `done` says yes or the time is over; then false. With `-v` a
 * bar moves meanwhile.
 *
 * @param seconds longest wait
 * @param hint fulfilled when it is worth asking at once
 */
export async function waitUntil(
  context: ClientContext,
  seconds: number,
  done: () => Promise<boolean>,
  hint: Promise<void> = NEVER,
): Promise<boolean> {
  const { clock, options, print } = context;
  const start = clock.now();
  let pause = FIRST_PAUSE;
  let drawn = 0;
  for (;;) {
    if (await done()) break;
    const elapsed = clock.now() - start;
    if (elapsed >= seconds) return false;
    if (options.verbosity > 1 && elapsed > 1) print(`\r${bar(drawn++)} Waiting on the server...`);
    const timer = Promise.withResolvers<void>();
    const cancel = clock.after(pause, timer.resolve);
    await Promise.race([timer.promise, hint]);
    cancel();
    pause = Math.min(pause * 2, elapsed < EAGER_SECONDS ? EAGER_PAUSE : LONGEST_PAUSE);
  }
  if (drawn > 0) print(`\r${" ".repeat(60)}\r`);
  return true;
}

function bar(step: number): string {
  const at = step % BAR_WIDTH;
  return `INFO   [${" ".repeat(at)}#${" ".repeat(BAR_WIDTH - 1 - at)}]`;
}
