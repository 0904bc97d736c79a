import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import type { BackgroundServer, ClientContext, ForegroundServer, ServerLauncher } from "../client/context.ts";
import type { ConfigurationReader } from "../client/program.ts";
import { type Orders, SERVING } from "./detached.ts";
import { ordersOf, setReferenced, spawnServer } from "./server-process.js";

/** As much of what a failing server said is kept, in characters. */
const LAST_WORDS = 4000;

export interface LauncherOptions {
  /** Path of the server program's main file. */
  readonly program: string;
  /** A process of it that waits for orders already. */
  readonly early: ChildProcess | null;
  readonly loadReader: () => Promise<ConfigurationReader>;
}

/** Brings servers to life as processes of `fail2ban-server`, or in this process. */
export class ProcessLauncher implements ServerLauncher {
  readonly #o: LauncherOptions;

  constructor(options: LauncherOptions) {
    this.#o = options;
  }

  inBackground({ settings, options }: ClientContext): BackgroundServer {
    // The process lives in another directory.
    const orders: Orders = { settings, options: { ...options, conf: resolve(options.conf) } };
    return new ServerProcess(this.#o.early ?? spawnServer(this.#o.program), orders);
  }

  async inForeground(context: ClientContext): Promise<ForegroundServer> {
    const { runServer } = await import("./run-server.ts");
    return runServer(context, { background: false, loadReader: this.#o.loadReader });
  }

  async serve(context: ClientContext): Promise<boolean> {
    if (context.options.background) {
      const server = this.inBackground(context);
      server.begin();
      server.release();
      return true;
    }
    try {
      const server = await this.inForeground(context);
      await server.closed;
      return true;
    } catch (error) {
      context.log.error(`Could not start server: ${(error as Error).message}`);
      return false;
    }
  }
}

/** The process of a server that gets its orders from here. */
class ServerProcess implements BackgroundServer {
  readonly #child: ChildProcess;
  readonly #orders: Orders;
  readonly #settled = Promise.withResolvers<void>();
  #said = "";
  ended: string | null = null;
  serves = false;

  constructor(child: ChildProcess, orders: Orders) {
    this.#child = child;
    this.#orders = orders;
    setReferenced(child, true);
    child.stderr?.on("data", (chunk) => {
      this.#said = (this.#said + chunk).slice(-LAST_WORDS);
    });
    child.on("error", (error) => this.#end(error.message));
    child.on("close", (code, signal) => {
      this.#end(this.#said || `the server ended with ${signal ?? `code ${code}`}`);
    });
  }

  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  begin(): void {
    const line = ordersOf(this.#child);
    line?.on("data", (chunk: Buffer) => {
      this.serves ||= chunk.toString() === SERVING;
      if (this.serves) this.#settled.resolve();
    });
    line?.write(`${JSON.stringify(this.#orders)}\n`);
  }

  release(): void {
    setReferenced(this.#child, false);
    ordersOf(this.#child)?.end();
    this.#child.stderr?.destroy();
  }

  kill(): void {
    this.#child.kill();
  }

  #end(words: string): void {
    this.ended ??= words;
    this.#settled.resolve();
  }
}
