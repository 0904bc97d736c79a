import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Clock } from "../time/clock.ts";
import type { LineFormat } from "./format.ts";
import type { LogRecord } from "./logger.ts";
import { severityOf } from "./syslog-target.ts";
import { type LogTarget, LogTargetError } from "./target.ts";

/** The journal's stream socket, which `systemd-cat` and the output of units go through. */
export const JOURNAL_SOCKET = "/run/systemd/journal/stdout";

/** After a lost connection lines are dropped for so long before the next attempt. */
const RETRY_SECONDS = 5;
/** Unwritten bytes beyond which lines are dropped. */
const BACKLOG = 1024 * 1024;

export interface JournalOptions {
  readonly format: LineFormat;
  readonly clock: Clock;
  readonly socketPath?: string;
}

/**
 * The systemd journal, with `SYSLOG_IDENTIFIER=fail2ban` and `PRIORITY`. The journal's native socket takes
 * datagrams, which Node cannot send; its stream socket carries no further fields, and makes one entry of each
 * line.
 */
export class JournalTarget implements LogTarget {
  readonly flushAnswer = "flushed";
  readonly #options: JournalOptions;
  readonly #path: string;
  #socket: Socket | null = null;
  #retryAt = Number.NEGATIVE_INFINITY;

  /** @throws LogTargetError when no journal runs here */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#path = options.socketPath ?? JOURNAL_SOCKET;
    if (!existsSync(this.#path)) {
      throw new LogTargetError(`Unable to log to the systemd journal: ${this.#path} does not exist`);
    }
  }

  write(record: LogRecord): void {
    const socket = this.#socket ?? this.#connect();
    if (!socket || socket.destroyed || socket.writableLength > BACKLOG) return;
    const text = this.#options.format(record, new Date());
    const lines = text.split("\n").map((line) => `<${severityOf(record.level)}>${line}\n`);
    socket.write(lines.join(""));
  }

  reopen(): boolean {
    return true;
  }

  close(): void {
    this.#socket?.end();
    this.#socket = null;
  }

  #connect(): Socket | null {
    if (this.#options.clock.now() < this.#retryAt) return null;
    const socket = connect({ path: this.#path });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#retryAt = this.#options.clock.now() + RETRY_SECONDS;
    });
    socket.unref();
    socket.resume();
    // Identifier, unit, default priority, lines begin with <priority>, forward to syslog, kernel log, console.
    socket.write(["fail2ban", "", "6", "1", "0", "0", "0", ""].join("\n"));
    this.#socket = socket;
    return socket;
  }
}
