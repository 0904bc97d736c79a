import { spawn } from "node:child_process";
import type { Logger } from "../log/logger.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";

/** Sends the assignments, such as `READY=1`; fulfilled when they are sent. */
export type Notifier = (assignments: readonly string[]) => Promise<void>;

/** What the messages to a service manager need. */
export interface ServiceManagerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly notify: Notifier;
  /** Seconds within which the manager wants to hear something again and again; `null`: never. */
  readonly watchdogSeconds: number | null;
}

/** Tells a service manager (systemd, `Type=notify`) how the server is, until {@link stopping}. */
export class ServiceManager {
  readonly #o: ServiceManagerOptions;
  #cancel: CancelTimer | null = null;
  #stopped = false;

  constructor(options: ServiceManagerOptions) {
    this.#o = options;
  }

  /** The server is configured and protects. From now on it says regularly that it is alive. */
  ready(status: string): void {
    this.#send(["READY=1", `STATUS=${status}`]);
    this.#keepAlive();
  }

  /** The server goes down. */
  stopping(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#send(["STOPPING=1"]);
  }

  /** The event loop is what can hang, so a message that it sends is the sign of life. */
  #keepAlive(): void {
    const { watchdogSeconds, clock } = this.#o;
    if (watchdogSeconds === null || this.#stopped) return;
    const next = () => {
      this.#send(["WATCHDOG=1"]);
      this.#keepAlive();
    };
    this.#cancel = clock.after(watchdogSeconds / 2, next, { background: true });
  }

  #send(assignments: readonly string[]): void {
    this.#o.notify(assignments).catch((error: Error) => {
      this.#o.log.warning(`The service manager could not be told ${assignments.join(" ")}: ${error.message}`);
    });
  }
}

/**
 * The service manager that started this process, or `null`. The variables that name it are removed from `env`:
 * they are not for child processes.
 */
export function takeServiceManager(
  env: NodeJS.ProcessEnv,
  pid: number,
  tools: { readonly clock: Clock; readonly log: Logger },
): ServiceManager | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC, WATCHDOG_PID } = env;
  delete env["NOTIFY_SOCKET"];
  delete env["WATCHDOG_USEC"];
  delete env["WATCHDOG_PID"];
  if (!socket) return null;
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
  const seconds = Number(WATCHDOG_USEC) / 1e6;
  return new ServiceManager({
    ...tools,
    notify: (assignments) => runNotifyTool(socket, assignments, env),
    watchdogSeconds: isOurs && seconds > 0 ? seconds : null,
  });
}

/**
 * Node has no datagram sockets of the Unix kind, so systemd's own tool sends the message. It is a process of its
 * own: the unit needs `NotifyAccess=all`.
 */
function runNotifyTool(
  socket: string,
  assignments: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("systemd-notify", [...assignments], {
      env: { ...env, NOTIFY_SOCKET: socket },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-500);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(said.trim() || `systemd-notify ended with code ${code}`));
    });
  });
}
