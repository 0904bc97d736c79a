/** A line as the program wrote it, taken out of what the runtime or the program put around it. */
export interface UnwrappedLine {
  /** Without line end; one within is written as `\n`, so that nobody can slip in a second line. */
  readonly text: string;
  /** Seconds since 1970 UTC, by the wrapping; `null`: it does not say. */
  readonly time: number | null;
}

/** Unwraps the lines of one file, one after the other: a long line may come in several parts. */
export interface Unwrapper {
  /** `null`: there is nothing in the line, or only a part of one. */
  unwrap(line: string): UnwrappedLine | null;
}

/** How the lines of a log are wrapped. */
export interface LogFormat {
  /** A new state, for one file. */
  newUnwrapper(): Unwrapper;
  /** The time of a single line, for seeking; `null` when it has none. */
  timeOf(line: string): number | null;
}

/** A value of `logformat` that cannot be used. */
export class LogFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LogFormatError";
  }
}

/** Characters that the parts of one line may have together. */
const LONGEST_LINE = 1024 * 1024;
const MESSAGE_FIELDS = ["message", "msg", "log"];
const TIME_FIELDS = ["ts", "time", "timestamp", "@timestamp"];

/**
 * The format for a name with options: `docker-json`, `cri`, or `json[field=message, time=ts]`, whose fields may be
 * paths such as `request.uri`.
 *
 * @throws {LogFormatError}
 */
export function logFormat(name: string, options: ReadonlyMap<string, string>): LogFormat {
  const known = name === "json" ? ["field", "time"] : [];
  const unknown = [...options.keys()].find((option) => !known.includes(option));
  if (unknown !== undefined) throw new LogFormatError(`logformat ${name} takes no option '${unknown}'`);
  if (name === "docker-json") return formatOf(dockerPart);
  if (name === "cri") return formatOf(criPart);
  if (name !== "json") {
    throw new LogFormatError(`logformat must be docker-json, cri or json[field=…, time=…], not '${name}'`);
  }
  const fields = { message: options.get("field"), time: options.get("time") };
  return formatOf((line) => jsonPart(line, fields));
}

/** What one line of the file holds. */
interface Part extends UnwrappedLine {
  /** Parts of different streams are not of one line. */
  readonly stream: string;
  readonly isLast: boolean;
}

type ReadPart = (line: string) => Part | null;

function formatOf(readPart: ReadPart): LogFormat {
  return {
    newUnwrapper: () => new PartJoiner(readPart),
    timeOf: (line) => readPart(line)?.time ?? null,
  };
}

/** Joins the parts of a line; its time is that of the first one. */
class PartJoiner implements Unwrapper {
  readonly #readPart: ReadPart;
  readonly #begun = new Map<string, UnwrappedLine>();

  constructor(readPart: ReadPart) {
    this.#readPart = readPart;
  }

  unwrap(line: string): UnwrappedLine | null {
    const part = this.#readPart(line);
    if (!part) return null;
    const begun = this.#begun.get(part.stream);
    const text = ((begun?.text ?? "") + part.text).slice(0, LONGEST_LINE);
    const whole = { text, time: begun ? begun.time : part.time };
    if (!part.isLast) {
      this.#begun.set(part.stream, whole);
      return null;
    }
    if (begun) this.#begun.delete(part.stream);
    return { text: inOneLine(text), time: whole.time };
  }
}

/** `{"log":"text\n","stream":"stdout","time":"2026-11-21T03:19:33.106367123Z"}`; long lines come in parts. */
function dockerPart(line: string): Part | null {
  const record = parseObject(line);
  const log = record?.["log"];
  if (typeof log !== "string") return null;
  const isLast = log.endsWith("\n");
  const text = isLast ? log.slice(0, log.endsWith("\r\n") ? -2 : -1) : log;
  const stream = record!["stream"] === "stderr" ? "stderr" : "stdout";
  return { text, time: timeOfValue(record!["time"]), stream, isLast };
}

/** `2026-11-21T03:19:33.106367123Z stdout F text`, where P instead of F marks a part that goes on. */
function criPart(line: string): Part | null {
  const match = /^(\S+) (stdout|stderr) ([PF])(?::\S*)? (.*)$/s.exec(line);
  if (!match) return null;
  const [, time, stream, kind, text] = match as unknown as [string, string, string, string, string];
  return { text, time: timeOfValue(time), stream, isLast: kind === "F" };
}

function jsonPart(
  line: string,
  fields: { message: string | undefined; time: string | undefined },
): Part | null {
  const record = parseObject(line);
  const message = record && pick(record, fields.message, MESSAGE_FIELDS);
  if (message === undefined || message === null) return null;
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return { text, time: timeOfValue(pick(record!, fields.time, TIME_FIELDS)), stream: "", isLast: true };
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a field, or the first that there is of the usual ones. */
function pick(record: JsonObject, field: string | undefined, usual: readonly string[]): unknown {
  if (field !== undefined) return valueAt(record, field);
  const found = usual.find((name) => Object.hasOwn(record, name));
  return found === undefined ? undefined : record[found];
}

/** A field by its name, or by its path: names joined by dots. */
function valueAt(record: JsonObject, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  let value: unknown = record;
  for (const name of path.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?\d*\s?(Z|z|[+-]\d\d:?\d\d)$/;

/** Numbers are seconds, or milli-, micro- or nanoseconds if they are too large for that; texts are RFC 3339. */
function timeOfValue(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? inSeconds(value) : null;
  if (typeof value !== "string") return null;
  if (/^\d{9,19}(?:\.\d{1,9})?$/.test(value)) return inSeconds(Number(value));
  const match = RFC3339.exec(value);
  if (!match) return null;
  const [, date, time, fraction = "", zone] = match as unknown as [string, string, string, string?, string?];
  const offset = zone!.toUpperCase().replace(/^([+-]\d\d):?/, "$1:");
  const whole = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(whole) ? null : whole / 1000 + Number(`0${fraction}`);
}

function inSeconds(value: number): number {
  let seconds = value;
  while (seconds >= 1e11) seconds /= 1000;
  return seconds;
}

function inOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/\r/g, "\\r").replace(/\n/g, "\\n") : text;
}
