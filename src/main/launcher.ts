import type { BackgroundServer, ClientContext, ForegroundServer, ServerLauncher } from "../client/context.ts";
import type { ConfigurationReader } from "../client/program.ts";

/** Set for server processes that were started here and are detached already. */
const DETACHED = "FAIL2BAN_DETACHED";
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
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, [DETACHED]: "1" },
    });
    let said = "";
    let ended: string | null = null;
    child.stderr.on("data", (chunk) => {
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
      release() {
        child.unref();
        child.stderr.destroy();
      },
    };
  }

  async inForeground(context: ClientContext): Promise<ForegroundServer> {
    const { runServer } = await import("./run-server.ts");
    return runServer(context, { background: false, loadReader: this.#loadReader });
  }

  async serve(context: ClientContext): Promise<boolean> {
    const { background } = context.options;
    if (background && process.env[DETACHED] === undefined) {
      (await this.inBackground(context)).release();
      return true;
    }
    delete process.env[DETACHED];
    const { runServer } = await import("./run-server.ts");
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

/** Everything a server process has to be told, since it reads no configuration at its start. */
function serverArguments({ options, settings }: ClientContext): string[] {
  const args = ["--async", "-b", "-c", options.conf, "-s", settings.socket, "-p", settings.pidfile];
  args.push("--loglevel", settings.loglevel, "--logtarget", settings.logtarget);
  args.push("--syslogsocket", settings.syslogsocket, "--pname", options.processName);
  if (options.force) args.push("-x");
  for (let verbosity = 1; verbosity < options.verbosity; verbosity++) args.push("-v");
  return args;
}
