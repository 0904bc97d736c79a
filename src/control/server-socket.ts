import { chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, isAbsolute } from "node:path";
import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { Role } from "./role.ts";
import {
  type ControlLimits,
  DEFAULT_LIMITS,
  type RequestHandler,
  ServerConnection,
} from "./server-connection.ts";
import { markSocket } from "./socket-mark.ts";

export type { ControlClient, ControlLimits, RequestHandler } from "./server-connection.ts";

/** Longest path of a Unix socket in bytes that every supported system takes. */
const LONGEST_PATH = process.platform === "linux" ? 107 : 103;
const MOST_CONNECTIONS = 256;
/** Modes of the socket: as the reference's, and where a group may use it. */
const FOR_OWNER = 0o700;
const FOR_GROUP = 0o660;
/** Mode of a directory in which others have to find their sockets. */
const OPEN_DIRECTORY = 0o755;
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
  /** What those may do who can reach the socket. Default `admin`. */
  readonly role?: Role;
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
  /** The directory of the socket was made here, for nobody but the owner. */
  #ownsDirectory = false;
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
      markSocket(path);
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
    chmodSync(path, FOR_OWNER);
    markSocket(path);
  }

  /**
   * Lets the members of a group use the socket, or only its owner.
   *
   * @param group number of the group
   * @throws ControlSocketError when that is impossible
   */
  grant(group: number | null): void {
    const { path, inheritedFd } = this.#options;
    if (inheritedFd !== undefined && inheritedFd !== null) {
      throw new ControlSocketError(
        `Socket ${path} belongs to the service manager, which decides who may use it`,
      );
    }
    try {
      if (group !== null) {
        chownSync(path, process.getuid?.() ?? -1, group);
        chmodSync(path, FOR_GROUP);
        if (this.#ownsDirectory) chmodSync(dirname(path), OPEN_DIRECTORY);
        return;
      }
      chmodSync(path, FOR_OWNER);
      chownSync(path, process.getuid?.() ?? -1, process.getgid?.() ?? -1);
    } catch (error) {
      throw new ControlSocketError(
        `Unable to give socket ${path} to group ${group ?? "of the owner"}: ${(error as Error).message}`,
      );
    }
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
    const { handler, clock, log, limits, role } = this.#options;
    const connection = new ServerConnection(++this.#count, socket, {
      handler,
      clock,
      log,
      limits: { ...DEFAULT_LIMITS, ...limits },
      role: role ?? "admin",
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
    if (isAbsolute(path)) this.#ownsDirectory = makeDirectory(dirname(path));
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    log.error("Fail2ban seems to be already running");
    if (!force) throw new ControlSocketError("Server already running");
    log.warning("Forcing execution of the server");
    unlinkSync(path);
  }
}

/** True when it was made; else it exists, or binding the socket will fail with the better message. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}
