import { Socket } from "node:net";
import type { ClientContext } from "../client/context.ts";
import { consoleHub } from "../log/console.ts";
import { systemClock } from "../time/clock.ts";
import { loadReader } from "./environment.ts";

/** What a server process in the background is told, as JSON in one line. */
export type Orders = Pick<ClientContext, "settings" | "options">;

/** What it answers when clients can reach it. */
export const SERVING = "serving\n";

/**
 * Is a server in the background, until its end. False when it cannot be started, after the reason was reported.
 *
 * @param descriptor where the orders come from
 */
export async function serveDetached(descriptor: number): Promise<boolean> {
  const line = new Socket({ fd: descriptor, readable: true, writable: true });
  // The server is loaded while orders are awaited.
  const [orders, { runServer }] = await Promise.all([receive(line), import("./run-server.ts")]);
  // Whoever started this process has decided against it.
  if (orders === null) return true;
  const hub = consoleHub(orders.options.verbosity);
  try {
    const context = { ...orders, hub, clock: systemClock };
    const server = await runServer(context, { background: true, loadReader: () => loadReader() });
    line.end(SERVING);
    await server.closed;
    return true;
  } catch (error) {
    hub.logger("fail2ban").error(`Could not start server: ${(error as Error).message}`);
    return false;
  } finally {
    line.destroy();
  }
}

/** Waits for a line; `null` when none comes. */
function receive(line: Socket): Promise<Orders | null> {
  return new Promise((resolve) => {
    let text = "";
    line.setEncoding("utf8");
    line.on("data", (chunk: string) => {
      text += chunk;
      if (text.endsWith("\n")) resolve(JSON.parse(text));
    });
    // Whoever gave the orders may be gone when they have been carried out.
    line.on("error", () => resolve(null));
    line.on("close", () => resolve(null));
  });
}
