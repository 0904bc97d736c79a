import { levelName } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

/** Turns a record into the text of a line, without the final newline. */
export type LineFormat = (record: LogRecord, time: Date) => string;

/** What the standard line consists of. */
export interface LineOptions {
  /** Begin with local date and time, comma and milliseconds. */
  readonly datetime: boolean;
  /** Pad logger name and level to columns. */
  readonly padding: boolean;
}

/**
 * The standard line that the `recidive` filter and many other programs read:
 * `2026-11-21 03:40:32,547 fail2ban.actions        [15764]: NOTICE  [sshd] Ban 192.0.2.7`.
 */
export function standardFormat(options: LineOptions, pid: number = process.pid): LineFormat {
  return ({ logger, level, message }, time) => {
    const date = options.datetime ? `${formatTime(time)} ` : "";
    const name = options.padding ? logger.padEnd(24) : logger;
    const severity = options.padding ? levelName(level).padEnd(7) : levelName(level);
    return `${date}${name}[${pid}]: ${severity} ${message}`;
  };
}

/** `2026-11-21 03:40:32,547` in local time. */
export function formatTime(time: Date): string {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, "0")}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

const DIRECTIVE = /%(?:%|\((\w+)\)([-0 +#]*)(\d*)(?:\.(\d+))?([sdifr]))/g;

/** Fields that an administrator's own format may use. */
type Fields = Readonly<Record<string, (record: LogRecord, time: Date) => string | number>>;

/**
 * An administrator's own line: `%(levelname)s|%(message)s` with the fields `asctime`, `name`, `process`,
 * `levelname`, `levelno`, `message`, `created`, `msecs`, `relativeCreated`, `thread`, `threadName`, `module`,
 * `funcName` and the usual flags, widths and precisions.
 *
 * @throws RangeError that names the first thing in the format that is not understood
 */
export function customFormat(format: string, pid: number = process.pid): LineFormat {
  const start = Date.now();
  const fields: Fields = {
    asctime: (_record, time) => formatTime(time),
    name: (record) => record.logger,
    process: () => pid,
    processName: () => "MainProcess",
    levelname: (record) => levelName(record.level),
    levelno: (record) => record.level,
    message: (record) => record.message,
    created: (_record, time) => time.getTime() / 1000,
    msecs: (_record, time) => time.getMilliseconds(),
    relativeCreated: (_record, time) => time.getTime() - start,
    thread: () => pid,
    threadName: () => "MainThread",
    module: (record) => record.logger.replace(/^.*\./, ""),
    funcName: () => "-",
  };
  checkFormat(format, fields);
  return (record, time) =>
    format.replace(
      DIRECTIVE,
      (_all, name?: string, flags = "", width = "", precision?: string, type = "s") => {
        if (name === undefined) return "%";
        const value = fields[name]?.(record, time) ?? "";
        return pad(convert(value, type, precision), flags, Number(width));
      },
    );
}

function checkFormat(format: string, fields: Fields): void {
  const rest = format.replace(DIRECTIVE, (_all, name?: string) => {
    if (name !== undefined && !Object.hasOwn(fields, name)) {
      throw new RangeError(
        `log format has an unknown field '${name}', known are: ${Object.keys(fields).join(", ")}`,
      );
    }
    return "";
  });
  const stray = rest.indexOf("%");
  if (stray >= 0) throw new RangeError(`log format has a wrong directive '${rest.slice(stray, stray + 10)}'`);
}

function convert(value: string | number, type: string, precision: string | undefined): string {
  if (typeof value === "number" && (type === "d" || type === "i")) return String(Math.trunc(value));
  if (typeof value === "number" && type === "f") return value.toFixed(Number(precision ?? 6));
  const text = String(value);
  return precision === undefined ? text : text.slice(0, Number(precision));
}

function pad(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.includes("0") && /^-?\d/.test(text) ? "0" : " ");
}
