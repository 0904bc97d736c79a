import type { Socket } from "node:net";
import type { Logger } from "../log/logger.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";
import { CLOSE, type Frame, FrameReader } from "./frame.ts";
import type { Role } from "./role.ts";
import {
  type AnswerForm,
  type Request,
  readRequest,
  writeFailure,
  writeResult,
  writeShutdown,
  writeUnreadable,
} from "./wire.ts";

/** Who sent a command; the same object for all commands of one connection. */
export interface ControlClient {
  /** Number of the connection, counted from 1. */
  readonly id: number;
  /** What those may do who can reach its socket. */
  readonly role: Role;
}

/**
 * Executes one command. A {@link PyError} that is thrown is sent to the client as it is; any other error is
 * logged and sent as a plain `Exception` with its message.
 */
export type RequestHandler = (command: PyValue[], client: ControlClient) => Promise<PyValue>;

/** How much one client may use up. Times in seconds. */
export interface ControlLimits {
  /** Longest request in bytes. */
  readonly requestBytes: number;
  /** From the first byte of a request to its last. */
  readonly requestSeconds: number;
  /** Without any request, at the least. */
  readonly idleSeconds: number;
  /** For a client to take an answer off the socket. */
  readonly answerSeconds: number;
}

export const DEFAULT_LIMITS: ControlLimits = {
  requestBytes: 64 * 1024 * 1024,
  requestSeconds: 60,
  idleSeconds: 3600,
  answerSeconds: 60,
};

/** Unread requests beyond this many bytes stay with the client while one is being executed. */
const READ_AHEAD = 1024 * 1024;

/** What connections of one server share. */
export interface ConnectionContext {
  readonly handler: RequestHandler;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: ControlLimits;
  readonly role: Role;
  /** True once requests are answered with the shutdown notice instead of being executed. */
  readonly shuttingDown: () => boolean;
}

class UnreadableRequest extends Error {}

/** One client's connection: its requests are executed and answered one after the other. */
export class ServerConnection implements ControlClient {
  readonly id: number;
  readonly role: Role;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #reader: FrameReader;
  #busy = false;
  /** No more requests are read: the client ended its side, or the server closes. */
  #ending = false;
  /** Set while a request has begun and is not complete. */
  #cancelRequestTimer: CancelTimer | null = null;
  #cancelIdleTimer: CancelTimer | null = null;
  #requests = 0;

  constructor(id: number, socket: Socket, context: ConnectionContext) {
    this.id = id;
    this.role = context.role;
    this.#socket = socket;
    this.#context = context;
    this.#reader = new FrameReader(context.limits.requestBytes);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("end", () => this.end());
    socket.on("close", () => this.#stopTimers());
    // A client that vanishes is nobody's concern; "close" follows.
    socket.on("error", () => {});
    this.#watchIdleness();
  }

  /** Closes the connection once the request in execution is answered. */
  end(): void {
    this.#ending = true;
    if (!this.#busy) this.#socket.destroySoon();
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#ending) return;
    this.#reader.push(chunk);
    if (this.#busy && this.#reader.pending > READ_AHEAD) this.#socket.pause();
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) {
        if (frame.bytes.equals(CLOSE)) {
          this.#ending = true;
          break;
        }
        this.#requests++;
        this.#endRequestTimer();
        await this.#send(await this.#answer(frame));
        if (this.#ending && this.#context.shuttingDown()) break;
      }
    } catch (error) {
      this.#context.log.error(`Control connection closed: ${(error as Error).message}`);
      this.destroy();
    } finally {
      this.#busy = false;
    }
    if (this.#socket.destroyed) return;
    if (this.#ending) {
      this.#socket.destroySoon();
      return;
    }
    if (this.#reader.pending > 0) this.#watchRequest();
    this.#socket.resume();
  }

  async #answer(frame: Frame): Promise<Buffer> {
    let form: AnswerForm = frame.kind;
    if (this.#context.shuttingDown()) return writeShutdown(form);
    try {
      const request = this.#read(frame);
      form = request.form;
      const result = await this.#context.handler(request.command, this);
      return this.#write(form, () => writeResult(form, result));
    } catch (error) {
      if (error instanceof UnreadableRequest) return writeUnreadable(form, error.message);
      return this.#write(form, () => writeFailure(form, this.#failure(error)));
    }
  }

  #read(frame: Frame): Request {
    try {
      return readRequest(frame);
    } catch (error) {
      if (error instanceof PyError) throw error;
      const { message } = error as Error;
      this.#context.log.error(`Control request could not be read: ${message}`);
      throw new UnreadableRequest(message);
    }
  }

  #failure(error: unknown): PyError {
    if (error instanceof PyError) return error;
    const { message, stack } = error as Error;
    this.#context.log.error(`Control command failed unexpectedly: ${stack ?? message}`);
    return new PyError("builtins", "Exception", [message]);
  }

  #write(form: AnswerForm, write: () => Buffer): Buffer {
    try {
      return write();
    } catch (error) {
      return writeUnreadable(form, (error as Error).message);
    }
  }

  /**
   * Sends an answer as one write: clients in use misread answers that arrive in pieces. Waits until the
   * client has taken it, so that a slow reader holds one answer in memory and nobody up.
   */
  #send(answer: Buffer): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.write(answer)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#after(this.#context.limits.answerSeconds, () => {
        this.#context.log.warning(`Control client ${this.id} does not read its answer, connection closed`);
        socket.destroy();
      });
      const done = () => {
        cancel();
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.on("drain", done);
      socket.on("close", done);
    });
  }

  /** A request that has begun keeps its timer: sending single bytes does not prolong it. */
  #watchRequest(): void {
    this.#cancelRequestTimer ??= this.#after(this.#context.limits.requestSeconds, () =>
      this.#expire("request"),
    );
  }

  #endRequestTimer(): void {
    this.#cancelRequestTimer?.();
    this.#cancelRequestTimer = null;
  }

  /** One timer for many requests: a client may be idle for up to twice the time before it is noticed. */
  #watchIdleness(): void {
    const before = this.#requests;
    this.#cancelIdleTimer = this.#after(this.#context.limits.idleSeconds, () => {
      if (this.#busy || this.#requests !== before) this.#watchIdleness();
      else this.#expire("idle");
    });
  }

  #after(seconds: number, callback: () => void): CancelTimer {
    return this.#context.clock.after(seconds, callback, { background: true });
  }

  #expire(what: string): void {
    this.#context.log.debug(`Control client ${this.id} timed out (${what})`);
    this.destroy();
  }

  #stopTimers(): void {
    this.#endRequestTimer();
    this.#cancelIdleTimer?.();
  }
}
