import type { ClientContext } from "./context.ts";

const FIRST_PAUSE = 0.005;
/** Up to this many seconds after the beginning pauses stay short: a server is there within half of it. */
const EAGER_SECONDS = 0.5;
const EAGER_PAUSE = 0.01;
const LONGEST_PAUSE = 0.5;
const BAR_WIDTH = 11;

/**
 * Asks again and again, with growing pauses, until `done` says yes or the time is over; then false. With `-v` a
 * bar moves meanwhile.
 *
 * @param seconds longest wait
 */
export async function waitUntil(
  context: ClientContext,
  seconds: number,
  done: () => Promise<boolean>,
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
    await new Promise<void>((resolve) => clock.after(pause, resolve));
    pause = Math.min(pause * 2, elapsed < EAGER_SECONDS ? EAGER_PAUSE : LONGEST_PAUSE);
  }
  if (drawn > 0) print(`\r${" ".repeat(60)}\r`);
  return true;
}

function bar(step: number): string {
  const at = step % BAR_WIDTH;
  return `INFO   [${" ".repeat(at)}#${" ".repeat(BAR_WIDTH - 1 - at)}]`;
}
