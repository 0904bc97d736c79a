/** Log levels of the reference with their numeric values; greater is graver. */
export const LEVELS = {
  CRITICAL: 50,
  ERROR: 40,
  WARNING: 30,
  NOTICE: 25,
  INFO: 20,
  MSG: 18,
  DEBUG: 10,
  TRACEDEBUG: 7,
  HEAVYDEBUG: 5,
} as const;

/** One message on its way to the log target. */
export interface LogRecord {
  /** Full logger name, e.g. `fail2ban.filter`. */
  readonly logger: string;
  /** Numeric level, see {@link LEVELS}. */
  readonly level: number;
  readonly message: string;
}

/** Takes the records that passed the level. */
export type LogSink = (record: LogRecord) => void;

/**
 * Where all loggers of one program meet: it holds the level and the sink. There is one hub per program, made
 * by `main/` and handed down; nothing is global.
 */
export class LogHub {
  /** Records below this level are dropped. */
  level: number;
  /** Where records go. */
  sink: LogSink;
  /** Does work that logs much; the sink may write its records in common when it is done. */
  together: (work: () => void) => void = (work) => work();

  constructor(sink: LogSink, level: number = LEVELS.INFO) {
    this.sink = sink;
    this.level = level;
  }

  /** A logger with the given name, `fail2ban.` put in front unless it is `fail2ban` itself. */
  logger(name: string): Logger {
    return new Logger(this, name === "fail2ban" ? name : `fail2ban.${name}`);
  }
}

/** Writes messages under one name. Messages may be functions, called only when the level is on. */
export class Logger {
  readonly #hub: LogHub;
  readonly name: string;

  constructor(hub: LogHub, name: string) {
    this.#hub = hub;
    this.name = name;
  }

  /** Whether messages of this level are written; ask before doing costly work for a message. */
  isEnabled(level: number): boolean {
    return level >= this.#hub.level;
  }

  log(level: number, message: string | (() => string)): void {
    if (level < this.#hub.level) return;
    const text = typeof message === "function" ? message() : message;
    this.#hub.sink({ logger: this.name, level, message: text });
  }

  /** Does work that logs much; its lines may be written in common when it is done. */
  together(work: () => void): void {
    this.#hub.together(work);
  }

  critical(message: string): void {
    this.log(LEVELS.CRITICAL, message);
  }
  error(message: string): void {
    this.log(LEVELS.ERROR, message);
  }
  warning(message: string): void {
    this.log(LEVELS.WARNING, message);
  }
  notice(message: string): void {
    this.log(LEVELS.NOTICE, message);
  }
  info(message: string): void {
    this.log(LEVELS.INFO, message);
  }
  /** Level 18: hidden at the default level INFO. */
  msg(message: string | (() => string)): void {
    this.log(LEVELS.MSG, message);
  }
  debug(message: string | (() => string)): void {
    this.log(LEVELS.DEBUG, message);
  }
}
