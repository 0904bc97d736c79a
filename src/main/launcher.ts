import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { BackgroundServer, ClientContext, ForegroundServer, ServerLauncher } from "../client/context.ts";
import type { ConfigurationReader } from "../client/program.ts";

/**
 * Set for server processes that were started here and are detached already, to the descriptor on which they hear
 * that they may begin.
 */
const DETACHED = "FAIL2BAN_DETACHED";
const GATE = 3;
/** As much of what a failing server said is kept, in characters. */
const LAST_WORDS = 4000;

/** Brings servers to life as processes of `fail2ban-server`, or in this process. */
export class ProcessLauncher implements ServerLauncher {
  readonly #program: string;
  readonly #loadReader: () => Promise<ConfigurationReader>;

  /** @param program path of the server program's main file */
  constructor(program: string, loadReader: () => Promise<ConfigurationReader>) {
    this.#program = program;
    this.#loadReader = loadReader;
  }

  async inBackground(context: ClientContext): Promise<BackgroundServer> {
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, [...process.execArgv, this.#program, ...serverArguments(context)], {
      // A session of its own, no terminal, no directory kept busy. Standard error is a pipe only as long as
      // the start takes: what the server says is shown if it fails.
      detached: true,
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, [DETACHED]: String(GATE) },
    });
    const gate = child.stdio[GATE] as Writable;
    const says = child.stderr as Readable;
    // A process that has ended says so by its end.
    gate.on("error", () => {});
    let said = "";
    let ended: string | null = null;
    says.on("data", (chunk) => {
      said = (said + chunk).slice(-LAST_WORDS);
    });
    child.on("error", (error) => {
      ended = error.message;
    });
    child.on("close", (code, signal) => {
      ended ??= said || `the server ended with ${signal ?? `code ${code}`}`;
    });
    return {
      get ended() {
        return ended;
      },
      begin: () => void gate.write("\n"),
      release() {
        child.unref();
        gate.end();
        says.destroy();
      },
    };
  }

  async inForeground(context: ClientContext): Promise<ForegroundServer> {
    const { runServer } = await import("./run-server.ts");
    return runServer(context, { background: false, loadReader: this.#loadReader });
  }

  async serve(context: ClientContext): Promise<boolean> {
    const { background } = context.options;
    const gate = process.env[DETACHED];
    if (background && gate === undefined) {
      const server = await this.inBackground(context);
      server.begin();
      server.release();
      return true;
    }
    delete process.env[DETACHED];
    const { runServer } = await import("./run-server.ts");
    // Whoever started this process has decided against it.
    if (gate !== undefined && !(await hasOpened(Number(gate)))) return true;
    try {
      const server = await runServer(context, { background, loadReader: this.#loadReader });
      await server.closed;
      return true;
    } catch (error) {
      context.log.error(`Could not start server: ${(error as Error).message}`);
      return false;
    }
  }
}

/** Waits for the word to begin; false when none comes. */
function hasOpened(descriptor: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket({ fd: descriptor, readable: true, writable: false });
    socket.on("data", () => {
      resolve(true);
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
    socket.resume();
  });
}

/** Everything a server process has to be told, since it reads no configuration at its start. */
function serverArguments({ options, settings }: ClientContext): string[] {
  const args = ["--async", "-b", "-c", options.conf, "-s", settings.socket, "-p", settings.pidfile];
  args.push("--loglevel", settings.loglevel, "--logtarget", settings.logtarget);
  args.push("--syslogsocket", settings.syslogsocket, "--pname", options.processName);
  if (options.force) args.push("-x");
  for (let verbosity = 1; verbosity < options.verbosity; verbosity++) args.push("-v");
  return args;
}
