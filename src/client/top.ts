import type { ControlConnection } from "../control/connection.ts";
import { PyError } from "../pyvalue/value.ts";
import type { ClientContext } from "./context.ts";
import { reach } from "./reach.ts";
import { sendAndShow } from "./send.ts";
import { drawTop, snapshotOf, type TopSnapshot } from "./top-view.ts";

/** Seconds between two looks at the server. */
const INTERVAL = 1;
/** Rates are those of about this many seconds. */
const RATE_SECONDS = 60;
const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l";
const LEAVE_SCREEN = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_REST = "\x1b[J";
const CTRL_C = "\x03";

/** `top [--once]`: what the jails do, live and full-screen; without a terminal, or with `--once`, once. */
export async function top(context: ClientContext, words: readonly string[]): Promise<boolean> {
  const { stdin, stdout } = process;
  if (words.some((word) => word !== "--once")) {
    context.log.error("top takes --once or nothing");
    return false;
  }
  let connection: ControlConnection;
  try {
    connection = await reach(context);
  } catch {
    // Says what is wrong in the words of all commands.
    return sendAndShow(context, ["ping"]);
  }
  try {
    if (words.includes("--once") || !stdin.isTTY || !stdout.isTTY) {
      const snapshot = await look(context, connection);
      const lines = drawTop(snapshot, null, { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
      context.print(`${lines.slice(0, -1).join("\n").replace(ESCAPES, "")}\n`);
    } else await live(context, connection);
    return true;
  } finally {
    connection.close();
  }
}

const ESCAPES = /\x1b\[[\d;]*m/g;

async function live(context: ClientContext, connection: ControlConnection): Promise<void> {
  const { stdin, stdout } = process;
  const past: TopSnapshot[] = [];
  const done = Promise.withResolvers<void>();
  const draw = () => {
    const now = past.at(-1);
    if (!now) return;
    const size = { columns: stdout.columns, rows: stdout.rows };
    const lines = drawTop(now, past.length > 1 ? past[0]! : null, size).slice(0, size.rows);
    stdout.write(HOME + lines.map((line) => line + CLEAR_LINE).join("\r\n") + CLEAR_REST);
  };
  const onKey = (key: Buffer) => {
    if (["q", "Q", CTRL_C].includes(key.toString("utf8"))) done.resolve();
  };
  const restore = () => stdout.write(LEAVE_SCREEN);
  stdin.setRawMode(true);
  stdin.on("data", onKey);
  stdout.on("resize", draw);
  process.once("exit", restore);
  stdout.write(ENTER_SCREEN);
  try {
    for (let running = true; running; ) {
      past.push(await look(context, connection));
      while (past.length > RATE_SECONDS / INTERVAL) past.shift();
      draw();
      const pause = new Promise<void>((resolve) => void context.clock.after(INTERVAL, resolve));
      running = await Promise.race([pause.then(() => true), done.promise.then(() => false)]);
    }
  } finally {
    process.off("exit", restore);
    restore();
    stdin.off("data", onKey);
    stdout.off("resize", draw);
    stdin.setRawMode(false);
    stdin.pause();
  }
}

async function look({ clock }: ClientContext, connection: ControlConnection): Promise<TopSnapshot> {
  const stats = await connection.send(["stats"]);
  const history = await connection.send(["history", "--since", "1h"]).catch((error: Error) => {
    // Without a database there is no history.
    if (error instanceof PyError) return null;
    throw error;
  });
  return snapshotOf(clock.now(), stats, history);
}
