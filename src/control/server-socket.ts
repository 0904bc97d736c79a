import { chmodSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, isAbsolute } from "node:path";
import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import {
  type ControlLimits,
  DEFAULT_LIMITS,
  type RequestHandler,
  ServerConnection,
} from "./server-connection.ts";

export type { ControlClient, ControlLimits, RequestHandler } from "./server-connection.ts";

/** Longest path of a Unix socket in bytes that every supported system takes. */
const LONGEST_PATH = process.platform === "linux" ? 107 : 103;
const MOST_CONNECTIONS = 256;
/** How long clients get to fetch their last answer when the socket is closed. */
const CLOSE_SECONDS = 5;

export interface ControlSocketOptions {
  /** Path of the Unix socket. Its directory is created if missing, one level, for absolute paths. */
  readonly path: string;
  readonly handler: RequestHandler;
  readonly clock: Clock;
  /** Logger `asyncserver`. */
  readonly log: Logger;
  /** Remove whatever stands at the path first. */
  readonly force?: boolean;
  /** Descriptor of a listening socket to use instead of the path; it is neither bound nor removed. */
  readonly inheritedFd?: number | null;
  readonly limits?: Partial<ControlLimits>;
}

/** The path is taken, too long, or cannot be bound. */
export class ControlSocketError extends Error {
  override readonly name = "ControlSocketError";
}

/**
 * The server's control socket. Any number of clients at once; requests of one client are executed in their
 * order, requests of different clients as they arrive. Whether commands of different clients may overlap is the
 * handler's decision.
 */
export class ControlSocket {
  readonly #options: ControlSocketOptions;
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();
  #count = 0;
  #shuttingDown = false;
  #closed: Promise<void> | null = null;

  constructor(options: ControlSocketOptions) {
    this.#options = options;
    // A client may end its side of the connection and still read the answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /**
   * Begins to listen. The socket is accessible to its owner only.
   *
   * @throws ControlSocketError when that is impossible
   */
  async listen(): Promise<void> {
    const { inheritedFd, path, log } = this.#options;
    if (inheritedFd !== undefined && inheritedFd !== null) {
      await this.#listenOn({ fd: inheritedFd });
      log.info(`Using socket activation, inherited socket '${path}'`);
      return;
    }
    this.#preparePath();
    const umask = process.umask(0o077);
    try {
      await this.#listenOn({ path });
    } finally {
      process.umask(umask);
    }
    chmodSync(path, 0o700);
  }

  /** From now on requests are answered with a notice that the server goes down, and not executed. */
  refuseRequests(): void {
    this.#shuttingDown = true;
  }

  /**
   * Stops listening, removes the socket, and ends all connections once their running request is answered (at
   * the latest after five seconds). A handler must not wait for it.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#shuttingDown = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.end();
    const cancel = this.#options.clock.after(CLOSE_SECONDS, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await closed;
    cancel();
    this.#options.log.debug("Socket shutdown");
  }

  #accept(socket: Socket): void {
    const { handler, clock, log, limits } = this.#options;
    const connection = new ServerConnection(++this.#count, socket, {
      handler,
      clock,
      log,
      limits: { ...DEFAULT_LIMITS, ...limits },
      shuttingDown: () => this.#shuttingDown,
    });
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
  }

  #listenOn(where: { path: string } | { fd: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        const name = "path" in where ? where.path : `descriptor ${where.fd}`;
        reject(new ControlSocketError(`Unable to bind socket ${name}: ${error.message}`));
      };
      this.#server.once("error", fail);
      this.#server.listen(where, () => {
        this.#server.off("error", fail);
        this.#server.on("error", (error) => this.#options.log.error(`Control socket: ${error.message}`));
        resolve();
      });
    });
  }

  #preparePath(): void {
    const { path, force, log } = this.#options;
    if (Buffer.byteLength(path) > LONGEST_PATH) {
      throw new ControlSocketError(
        `Socket path ${path} is longer than ${LONGEST_PATH} bytes, set a shorter one`,
      );
    }
    if (isAbsolute(path)) makeDirectory(dirname(path));
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    log.error("Fail2ban seems to be already running");
    if (!force) throw new ControlSocketError("Server already running");
    log.warning("Forcing execution of the server");
    unlinkSync(path);
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch {
    // It exists, or binding the socket will fail with the better message.
  }
}
