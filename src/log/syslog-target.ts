import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { CancelTimer, Clock } from "../time/clock.ts";
import type { LineFormat } from "./format.ts";
import { LEVELS, type LogRecord } from "./logger.ts";
import { type LogTarget, LogTargetError } from "./target.ts";

/** Syslog's facilities by name. */
const FACILITIES: Readonly<Record<string, number>> = {
  KERN: 0,
  USER: 1,
  MAIL: 2,
  DAEMON: 3,
  AUTH: 4,
  SECURITY: 4,
  SYSLOG: 5,
  LPR: 6,
  NEWS: 7,
  UUCP: 8,
  CRON: 9,
  AUTHPRIV: 10,
  FTP: 11,
  LOCAL0: 16,
  LOCAL1: 17,
  LOCAL2: 18,
  LOCAL3: 19,
  LOCAL4: 20,
  LOCAL5: 21,
  LOCAL6: 22,
  LOCAL7: 23,
};

/** Severities of the named levels; all other levels count as warnings. */
const SEVERITIES: Readonly<Record<number, number>> = {
  [LEVELS.CRITICAL]: 2,
  [LEVELS.ERROR]: 3,
  [LEVELS.WARNING]: 4,
  [LEVELS.NOTICE]: 5,
  [LEVELS.INFO]: 6,
  [LEVELS.DEBUG]: 7,
};
const OTHER_SEVERITY = 4;

/** A writer that had nothing to do for so long is ended. */
const IDLE_SECONDS = 120;
/** After a failure to start or an end of its own a writer is not started again for so long. */
const RETRY_SECONDS = 10;
/** Unwritten bytes beyond which lines are dropped. */
const BACKLOG = 1024 * 1024;

export interface SyslogOptions {
  /** Path of syslog's Unix socket. */
  readonly socketPath: string;
  /** Name of the facility in any case, e.g. `DAEMON`. */
  readonly facility: string;
  readonly format: LineFormat;
  readonly clock: Clock;
  /** Search path for the `logger` program. */
  readonly path?: string;
}

/** Severity number of syslog for a log level. */
export function severityOf(level: number): number {
  return SEVERITIES[level] ?? OTHER_SEVERITY;
}

/** Where `auto` looks for syslog's socket. */
export function defaultSyslogSocket(platform: NodeJS.Platform = process.platform): string {
  if (platform === "darwin") return "/var/run/syslog";
  return platform === "freebsd" ? "/var/run/log" : "/dev/log";
}

/**
 * Syslog. Its socket takes datagrams, which Node cannot send to Unix sockets, so the lines go through the
 * `logger` program of util-linux: one process for each logger name in use, since the name is syslog's tag. The
 * line arrives as `<29>Nov 21 03:40:32 fail2ban.actions[15764]: NOTICE [sshd] Ban 192.0.2.7`. A writer that
 * stands still or dies costs lines, nothing else.
 */
export class SyslogTarget implements LogTarget {
  readonly flushAnswer = "flushed";
  readonly #options: SyslogOptions;
  readonly #facility: number;
  readonly #program: string;
  readonly #writers = new Map<string, TagWriter>();

  /** @throws LogTargetError when there is no such socket or facility, or no `logger` program */
  constructor(options: SyslogOptions) {
    this.#options = options;
    if (!isSocket(options.socketPath)) {
      throw new LogTargetError(
        `Syslog socket file: ${options.socketPath} does not exists or is not a socket`,
      );
    }
    const facility = FACILITIES[options.facility.trim().toUpperCase()];
    if (facility === undefined) {
      throw new LogTargetError(
        `Unknown syslog facility '${options.facility}', expected one of ${Object.keys(FACILITIES).join(", ")}`,
      );
    }
    this.#facility = facility;
    const program = findProgram("logger", options.path ?? process.env.PATH ?? "");
    if (!program) throw new LogTargetError("Syslog needs the program 'logger', which is not installed");
    this.#program = program;
  }

  write(record: LogRecord): void {
    const tag = `${record.logger}[${process.pid}]`;
    const text = this.#options.format(record, new Date());
    const message = text.startsWith(`${tag}: `) ? text.slice(tag.length + 2) : text;
    const priority = this.#facility * 8 + severityOf(record.level);
    let writer = this.#writers.get(tag);
    if (!writer) {
      const args = ["--socket", this.#options.socketPath, "--prio-prefix", "--tag", tag];
      writer = new TagWriter(this.#program, args, this.#options.clock);
      this.#writers.set(tag, writer);
    }
    const lines = message.split("\n").map((line) => `<${priority}>${line}\n`);
    writer.write(lines.join(""));
  }

  reopen(): boolean {
    return true;
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.end();
    this.#writers.clear();
  }
}

/** One `logger` process that comes and goes as lines do. */
class TagWriter {
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #clock: Clock;
  #child: ChildProcess | null = null;
  #cancelIdle: CancelTimer = () => {};
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor(program: string, args: readonly string[], clock: Clock) {
    this.#program = program;
    this.#args = args;
    this.#clock = clock;
  }

  write(text: string): void {
    const stdin = (this.#child ?? this.#start())?.stdin;
    if (!stdin || stdin.destroyed || stdin.writableLength > BACKLOG) return;
    stdin.write(text);
    this.#cancelIdle();
    this.#cancelIdle = this.#clock.after(IDLE_SECONDS, () => this.end(), { background: true });
  }

  end(): void {
    this.#cancelIdle();
    const child = this.#child;
    this.#child = null;
    child?.stdin?.end();
  }

  #start(): ChildProcess | null {
    if (this.#clock.now() < this.#retryAt) return null;
    const child = spawn(this.#program, [...this.#args], { stdio: ["pipe", "ignore", "ignore"] });
    const gone = () => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#retryAt = this.#clock.now() + RETRY_SECONDS;
    };
    child.on("error", gone);
    child.on("exit", gone);
    child.stdin.on("error", () => {});
    child.unref();
    this.#child = child;
    return child;
  }
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function findProgram(name: string, path: string): string | null {
  for (const directory of [...path.split(delimiter), "/usr/bin", "/bin"]) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not there; look on.
    }
  }
  return null;
}
