import { connect, type Socket } from "node:net";
import { constants } from "node:os";
import type { PyValue } from "../pyvalue/value.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";
import type { Dialect } from "./dialect.ts";
import { jsonDialect } from "./json-dialect.ts";
import { isMarked } from "./socket-mark.ts";

/** The server could not be reached or did not answer; the message is worded as the system's error. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** Name of the system's error, e.g. `ECONNREFUSED`; `ETIMEDOUT` when the answer did not come in time. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Longest wait for an answer in seconds; without it as long as the server keeps the connection. */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * A client's connection to the control socket of our server or of fail2ban's, each of which is spoken to in its own way.
 * One command at a time.
 */
export class ControlConnection {
  readonly #socket: Socket;
  #dialect: Dialect = jsonDialect;
  readonly #options: ConnectionOptions;
  #chunks: Buffer[] = [];
  /** The last bytes received, as many as a terminator has. */
  #tail: Buffer = Buffer.alloc(0);
  /** What the command under way waits for. */
  #settle: ((error: Error | null) => void) | null = null;
  #broken: TransportError | null = null;

  private constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(transportError(error)));
    socket.on("close", () => this.#fail(systemError("ECONNRESET")));
  }

  /** @throws TransportError when the socket cannot be reached */
  static async open(path: string, options: ConnectionOptions): Promise<ControlConnection> {
    const connection = await new Promise<ControlConnection>((resolve, reject) => {
      const socket = connect({ path });
      const fail = (error: Error) => reject(transportError(error));
      socket.once("error", fail);
      socket.once("connect", () => {
        socket.off("error", fail);
        resolve(new ControlConnection(socket, options));
      });
    });
    // The other dialect is much code for a short run.
    if (!isMarked(path)) connection.#dialect = (await import("./pickle-dialect.ts")).pickleDialect;
    return connection;
  }

  /**
   * Sends a command and returns what the server answers to it.
   *
   * @throws PyError when the server answers with a failure
   * @throws TransportError when no answer comes
   * @throws AnswerError when the answer is none
   */
  async send(command: PyValue[]): Promise<PyValue> {
    if (this.#broken) throw this.#broken;
    const received = this.#wait();
    this.#socket.write(this.#dialect.request(command));
    await received;
    const answer = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#tail = Buffer.alloc(0);
    return this.#dialect.result(answer.subarray(0, -this.#dialect.terminator.length));
  }

  /** Takes leave of the server. */
  close(): void {
    this.#socket.end(this.#dialect.farewell);
    this.#socket.unref();
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel: CancelTimer = () => {};
      this.#settle = (error) => {
        this.#settle = null;
        cancel();
        if (error) reject(error);
        else resolve();
      };
      const { timeoutSeconds, clock } = this.#options;
      if (timeoutSeconds === undefined) return;
      cancel = clock.after(timeoutSeconds, () => {
        this.#fail(new TransportError("ETIMEDOUT", "timed out"));
        this.#socket.destroy();
      });
    });
  }

  #receive(chunk: Buffer): void {
    const { terminator } = this.#dialect;
    this.#chunks.push(chunk);
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-terminator.length)]).subarray(-terminator.length);
    // Nothing follows an answer until the next request, so its end is where the received bytes end.
    if (this.#tail.equals(terminator)) this.#settle?.(null);
  }

  #fail(error: TransportError): void {
    this.#broken ??= error;
    this.#settle?.(this.#broken);
  }
}

/** Texts of system errors as the C library words them; Node has its own. */
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EPERM: "Operation not permitted",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  ENOTSOCK: "Socket operation on non-socket",
  EPROTOTYPE: "Protocol wrong type for socket",
  ENAMETOOLONG: "File name too long",
  EMFILE: "Too many open files",
  EAGAIN: "Resource temporarily unavailable",
};

function systemError(code: string): TransportError {
  const number = (constants.errno as Record<string, number>)[code] ?? 0;
  return new TransportError(code, `[Errno ${number}] ${ERROR_TEXTS[code] ?? code}`);
}

function transportError(error: Error): TransportError {
  const code = (error as NodeJS.ErrnoException).code ?? "EIO";
  // Which of the two comes when the server has closed the connection is a matter of timing.
  return systemError(code === "EPIPE" ? "ECONNRESET" : code);
}
