import type { ClientContext, ForegroundServer } from "../client/context.ts";
import type { ConfigurationReader } from "../client/program.ts";
import { ConfigError } from "../config/config-error.ts";
import { logFault } from "../config/jail-faults.ts";
import { takeInheritedSocket } from "../control/socket-activation.ts";
import { type Logger, LogHub } from "../log/logger.ts";
import { Server } from "../server/server.ts";
import { takeServiceManager } from "../server/service-manager.ts";
import { keepCode, makeObjectsYoung, useLinearFallback } from "./engine.js";

/** What a server has to know of how it was started. */
export type ServerContext = Pick<ClientContext, "settings" | "options" | "clock" | "hub">;

/** How a server runs in this process. */
export interface RunOptions {
  /** Whether this process is detached from its terminal. */
  readonly background: boolean;
  readonly loadReader: () => Promise<ConfigurationReader>;
}

/** Longest process name that the system shows, in bytes. */
const LONGEST_NAME = 15;

/**
 * Makes this process a server: its name, umask, signals and the server itself. Fulfilled when clients are
 * answered; throws when that is impossible.
 */
export async function runServer(context: ServerContext, options: RunOptions): Promise<ForegroundServer> {
  const { settings, options: given, clock } = context;
  useLinearFallback();
  makeObjectsYoung();
  keepCode();
  process.umask(0o077);
  process.title = given.processName.slice(0, LONGEST_NAME);
  // Until the server has opened its log, what it says goes to standard error.
  const hub = new LogHub(context.hub.sink);
  const server = new Server({
    hub,
    clock,
    socketPath: settings.socket,
    pidFile: settings.pidfile,
    force: given.force,
    inheritedFd: takeInheritedSocket(process.env, process.pid),
    background: options.background,
    logLevel: settings.loglevel,
    logTarget: settings.logtarget,
    syslogSocket: settings.syslogsocket,
  });
  await server.start();
  const log = hub.logger("server");
  surviveFaults(log);
  const manager = takeServiceManager(process.env, process.pid, { clock, log });
  const release = handleSignals(server, log, () => reload(context, hub, server, options.loadReader));
  void server.closed.then(release);
  void server.quitting.then(() => manager?.stopping());
  return {
    execute: (command) => server.execute(command),
    ready: () => manager?.ready(`${server.jailCount} jails`),
    quit: () => void server.quit(),
    closed: server.closed,
  };
}

/** A fault in one corner must not end the protection that everything else gives. */
function surviveFaults(log: Logger): void {
  process.on("uncaughtException", (error) =>
    log.critical(`Unexpected error: ${error.stack ?? error.message}`),
  );
  process.on("unhandledRejection", (reason) => {
    log.critical(`Unexpected error: ${reason instanceof Error ? (reason.stack ?? reason.message) : reason}`);
  });
}

/** Gives the function that takes the handlers off again. */
function handleSignals(server: Server, log: Logger, reloadAll: () => Promise<void>): () => void {
  const quit = (signal: NodeJS.Signals) => {
    log.debug(`Caught signal ${signal}. Exiting`);
    void server.quit();
  };
  const report = (what: string) => (error: unknown) =>
    log.error(`${what} failed: ${(error as Error).message}`);
  const handlers: [NodeJS.Signals, (signal: NodeJS.Signals) => void][] = [
    ["SIGTERM", quit],
    ["SIGINT", quit],
    ["SIGUSR1", () => void server.execute(["flushlogs"]).catch(report("Flushing the log"))],
    ["SIGHUP", () => void reloadAll().catch(report("Reload"))],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** What `fail2ban-client reload` does, with all messages in the server's log. */
async function reload(
  { options }: ServerContext,
  hub: LogHub,
  server: Server,
  loadReader: () => Promise<ConfigurationReader>,
): Promise<void> {
  const log = hub.logger("server");
  log.info("Caught signal SIGHUP, reload the configuration");
  const reader = await loadReader();
  try {
    const { ok, commands, extensions } = await reader.commands(
      options.conf,
      { overrides: options.overrides, purpose: "run" },
      hub,
    );
    if (ok) await server.execute(["reload", "--all", [], [...commands, ...extensions]]);
    else log.error("Reload refused: no jail of the configuration is usable");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error(`Failed during configuration: ${error.message}`);
    logFault(hub, error);
  }
}
