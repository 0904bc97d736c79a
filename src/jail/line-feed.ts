import { OptionSyntaxError, parseNameWithOptions } from "../config/options.ts";
import type { Failure } from "../detect/failure.ts";
import type { Filter, TimedLine } from "../detect/filter.ts";
import { valueError } from "../pyvalue/errors.ts";
import {
  type LogFormat,
  LogFormatError,
  logFormat,
  type UnwrappedLine,
  type Unwrapper,
} from "../source/log-format.ts";
import { ReadingCosts } from "./reading-costs.ts";

/** What a {@link LineFeed} does besides. */
export interface LineFeedOptions {
  /** Does work that logs much: what was found in many lines is written to the log in common. */
  readonly together?: (work: () => void) => void;
  /** Called each time before lines are examined. */
  readonly onLines?: () => void;
}

/** Hands a jail's lines to its filter, taken out of the wrapping that `logformat` names. */
export class LineFeed {
  readonly #filter: Filter;
  readonly #onFailure: (failure: Failure) => void;
  /** What the lines have cost. */
  readonly costs = new ReadingCosts();
  readonly #together: (work: () => void) => void;
  readonly #onLines: () => void;
  #formatText = "";
  #format: LogFormat | null = null;
  /** A state for each file. */
  #unwrappers = new WeakMap<object, Unwrapper>();

  constructor(
    filter: Filter,
    onFailure: (failure: Failure) => void,
    { together = (work) => work(), onLines = () => {} }: LineFeedOptions = {},
  ) {
    this.#filter = filter;
    this.#together = together;
    this.#onLines = onLines;
    this.#onFailure = (failure) => {
      this.costs.hit(failure.regex);
      onFailure(failure);
    };
  }

  /** `docker-json`, `cri`, `json[…]`; empty: the lines are as the program wrote them. */
  get format(): string {
    return this.#formatText;
  }

  /** @throws {PyError} for a format that is not known */
  set format(text: string) {
    this.#format = parseFormat(text);
    this.#formatText = text;
    this.#unwrappers = new WeakMap();
  }

  /** Time of a line in seconds since 1970 UTC, for seeking; `null` when it has none. */
  timeOf(line: string): number | null {
    return this.#format ? this.#format.timeOf(line) : this.#filter.timeOf(line);
  }

  /**
   * Examines whole lines, each with its newline.
   *
   * @param origin stands for the file that the lines come from
   * @param inOperation the lines are new ones
   * @param ascii known to hold nothing but ASCII, which spares the filter a look
   */
  process(text: string, origin: object, inOperation: boolean, ascii = false): void {
    this.#onLines();
    const begin = performance.now();
    this.#together(() => {
      if (this.#format) this.#processWrapped(text, this.#format, origin, inOperation);
      else this.#filter.processBlock(text, { inOperation, ascii }, this.#onFailure);
    });
    this.costs.add(text, performance.now() - begin);
  }

  /** Examines lines, without their ends, whose times are known. */
  processTimed(lines: readonly TimedLine[], inOperation: boolean): void {
    this.#onLines();
    const begin = performance.now();
    this.#together(() => this.#filter.processLines(lines, { inOperation }, this.#onFailure));
    this.costs.addLines(lines, performance.now() - begin);
  }

  #processWrapped(text: string, format: LogFormat, origin: object, inOperation: boolean): void {
    const unwrapper = this.#unwrappers.get(origin) ?? format.newUnwrapper();
    this.#unwrappers.set(origin, unwrapper);
    const lines: TimedLine[] = [];
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf("\n", at);
      const line = unwrapper.unwrap(
        text.slice(at, text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end),
      );
      if (line) lines.push(this.#dated(line));
      at = end + 1;
    }
    this.#filter.processLines(lines, { inOperation }, this.#onFailure);
  }

  #dated({ text, time }: UnwrappedLine): TimedLine {
    return { line: time === null ? text : this.#cut(text, time), time };
  }

  /** The program's own date is cut out as usual, though the time is that of the wrapping. */
  #cut(text: string, time: number): readonly [string, string, string] {
    const found = this.#filter.dateDetector.find(text);
    if (found && found.start < found.end) return [found.before, found.date, found.after];
    return ["", `${new Date(time * 1000).toISOString()} `, text];
  }
}

const CARRIAGE_RETURN = 13;

function parseFormat(text: string): LogFormat | null {
  if (text === "") return null;
  try {
    const { name, options } = parseNameWithOptions(text);
    return logFormat(name.toLowerCase(), options);
  } catch (error) {
    if (error instanceof LogFormatError) throw valueError(error.message);
    if (error instanceof OptionSyntaxError) throw valueError(`logformat '${text}': ${error.message}`);
    throw error;
  }
}
