import type { Writable } from "node:stream";
import type { Clock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { FileTarget } from "./file-target.ts";
import { JournalTarget } from "./journal-target.ts";
import { parseLevel } from "./levels.ts";
import type { Logger, LogHub } from "./logger.ts";
import { StreamTarget } from "./stream-target.ts";
import { defaultSyslogSocket, SyslogTarget } from "./syslog-target.ts";
import { type LogTarget, LogTargetError } from "./target.ts";
import { formatOf, parseTarget, type TargetName } from "./target-name.ts";

export interface LogOutputOptions {
  readonly hub: LogHub;
  readonly clock: Clock;
  /** For the targets of these names; default the process's own. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Stream socket of the systemd journal, for tests. */
  readonly journalSocket?: string;
}

/**
 * The server's log: its level, its target and their change at run time. It becomes the sink of the hub with the
 * first {@link setTarget}.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  readonly #log: Logger;
  #name: TargetName | null = null;
  #target: LogTarget | null = null;
  #level = "INFO";
  #syslogSocket = "auto";

  constructor(options: LogOutputOptions) {
    this.#options = options;
    this.#log = options.hub.logger("server");
  }

  /** The target without its options, as it was written; empty before the first one is set. */
  get target(): string {
    return this.#name?.text ?? "";
  }

  /**
   * Logs to another place from now on. Naming the present one again changes nothing, not even its options. A
   * target that cannot be used leaves everything as it is.
   *
   * @throws LogTargetError when the target cannot be used, after the reason was logged
   */
  setTarget(text: string): void {
    const name = this.#parse(text);
    if (this.#name && name.text === this.#name.text) return;
    const target = this.#open(name);
    this.#target?.close();
    this.#target = target;
    this.#name = name;
    this.#options.hub.sink = (record) => target.write(record);
    this.#options.hub.together = (work) => (target.together ? target.together(work) : work());
    const shown = name.kind === "SYSLOG" ? `${name.text} (${this.#syslogSocket})` : name.text;
    this.#log.info(`Start Fail2ban v${FAIL2BAN_VERSION}`);
    this.#log.info(`Changed logging target to ${shown} for Fail2ban v${FAIL2BAN_VERSION}`);
  }

  /** The level as it was set: a name in upper case, or the digits as given. */
  get level(): string {
    return this.#level;
  }

  /** @throws RangeError `Invalid log level 'X'` */
  setLevel(text: string): void {
    const level = parseLevel(text);
    if (level === null) throw new RangeError(`Invalid log level '${text.toUpperCase()}'`);
    this.#level = text.toUpperCase();
    this.#options.hub.level = level;
  }

  /** Path of syslog's socket, or `auto` until a SYSLOG target has found it. */
  get syslogSocket(): string {
    return this.#syslogSocket;
  }

  /** Takes effect when SYSLOG is next set as target. */
  setSyslogSocket(path: string): void {
    this.#syslogSocket = path;
  }

  /** Opens the target anew, as log rotation needs it. The answer says which kind of work that was. */
  flush(): "rolled over" | "flushed" {
    if (!this.#target || !this.#name) return "flushed";
    if (!this.#target.reopen())
      this.#log.error(`Unable to reopen '${this.#name.text}', the old file is still used`);
    const done = this.#name.kind === "file" ? "rollover" : "flush";
    this.#log.info(`${done} performed on ${this.#name.text}`);
    return this.#target.flushAnswer;
  }

  /** Stops logging. */
  close(): void {
    this.#options.hub.sink = () => {};
    this.#options.hub.together = (work) => work();
    this.#target?.close();
    this.#target = null;
    this.#name = null;
  }

  #parse(text: string): TargetName {
    try {
      return parseTarget(text);
    } catch (error) {
      throw new LogTargetError((error as Error).message);
    }
  }

  #open(name: TargetName): LogTarget {
    try {
      return this.#create(name);
    } catch (error) {
      if (!(error instanceof LogTargetError || error instanceof RangeError)) throw error;
      this.#log.error(error.message);
      if (this.#name) this.#log.info(`Logging to previous target '${this.#name.text}'`);
      throw new LogTargetError(error.message);
    }
  }

  #create(name: TargetName): LogTarget {
    const { clock, stdout = process.stdout, stderr = process.stderr, journalSocket } = this.#options;
    const format = formatOf(name);
    switch (name.kind) {
      case "STDOUT":
        return new StreamTarget(stdout, format);
      case "STDERR":
        return new StreamTarget(stderr, format);
      case "SYSOUT":
        return new StreamTarget(stdout, format, "rolled over");
      case "SYSLOG": {
        const socketPath = this.#syslogSocket === "auto" ? defaultSyslogSocket() : this.#syslogSocket;
        this.#syslogSocket = socketPath;
        return new SyslogTarget({
          socketPath,
          facility: name.options.get("facility") ?? "DAEMON",
          format,
          clock,
        });
      }
      case "SYSTEMD-JOURNAL": {
        const own = name.options.has("format") || name.text !== "SYSTEMD-JOURNAL";
        const text = own ? format : formatOf({ ...name, options: new Map([["format", "%(message)s"]]) });
        return new JournalTarget({
          format: text,
          clock,
          ...(journalSocket ? { socketPath: journalSocket } : {}),
        });
      }
      case "file":
        return new FileTarget(name.text, format);
    }
  }
}
