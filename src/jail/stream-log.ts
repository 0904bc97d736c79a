import type { Logger, LogHub } from "../log/logger.ts";
import { Complaints } from "../source/complaints.ts";
import { type LineDecoder, lookupEncoding } from "../source/encoding.ts";
import { errorText } from "../source/file-io.ts";
import type { LineStream } from "../source/line-stream.ts";
import { NO_LAG, type SourceState } from "../source/source-state.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";
import type { LineFeed } from "./line-feed.ts";
import { checkedEncoding, FilelessSource, type LogSource } from "./log-source.ts";

/** What reading a stream for a jail needs. */
export interface StreamLogOptions {
  /** Name of the jail. */
  readonly jail: string;
  /** The backend as the jail asked for it. */
  readonly backend: string;
  readonly reader: "stdin" | "syslog";
  readonly clock: Clock;
  readonly hub: LogHub;
  readonly feed: LineFeed;
  readonly stream: LineStream;
  /** The stream may begin with lines that were written before; else all lines are new ones. */
  readonly mayBeginWithPast: boolean;
}

/** A line older than this, in seconds, was written before. */
const PAST_SECONDS = 60;
/** After so many seconds without lines the past is over. */
const QUIET_SECONDS = 5;
/** Bytes that wait while the jail is paused. */
const MOST_WAITING = 4 * 1024 * 1024;

/** A pipe or the network as the source of a jail's lines: what is not taken when it comes is gone. */
export class StreamLog extends FilelessSource implements LogSource {
  readonly #o: StreamLogOptions;
  readonly #log: Logger;
  readonly #complaints: Complaints;
  #encoding = checkedEncoding("auto");
  #decoder: LineDecoder = lookupEncoding(this.#encoding);
  #paused = true;
  #leave: (() => void) | null = null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #inOperation: boolean;
  #cancelQuiet: CancelTimer | null = null;
  /** The last line, and when it was read. */
  #last: { readonly line: string; readonly at: number } | null = null;

  constructor(options: StreamLogOptions) {
    super();
    this.#o = options;
    this.#log = options.hub.logger("filter");
    this.#complaints = new Complaints(options.clock, (message) =>
      this.#log.warning(`[${options.jail}] ${message}`),
    );
    this.#inOperation = !options.mayBeginWithPast;
  }

  get encoding(): string {
    return this.#encoding;
  }

  set encoding(name: string) {
    this.#encoding = checkedEncoding(name);
    this.#decoder = lookupEncoding(this.#encoding);
    this.#log.info(`  encoding: ${this.#encoding}`);
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(on: boolean) {
    this.#paused = on;
    if (on) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const lines of waiting) this.#process(lines);
    this.#leave ??= this.#o.stream.listen({
      onLines: (lines) => (this.#paused ? this.#keep(lines) : this.#process(lines)),
      onTrouble: (message) => this.#complaints.complain(message),
    });
  }

  async states(): Promise<SourceState[]> {
    const { backend, reader, stream, feed } = this.#o;
    const { fault } = stream;
    const lines = this.#waiting.reduce(
      (sum, piece) => sum + piece.toString("latin1").split("\n").length - 1,
      0,
    );
    const isBehind = this.#waitingBytes > 0;
    return [
      {
        name: backend,
        reader,
        health: fault?.health ?? (this.#paused ? "idle" : "ok"),
        fault,
        lag: isBehind ? { bytes: this.#waitingBytes, lines, linesExact: true, seconds: null } : NO_LAG,
        lastLineTime: this.#last && feed.timeOf(this.#last.line),
        lastReadAt: this.#last?.at ?? null,
        file: null,
        cursor: null,
      },
    ];
  }

  close(): void {
    this.#paused = true;
    this.#leave?.();
    this.#leave = null;
    this.#cancelQuiet?.();
    this.#waiting = [];
  }

  #process(lines: Buffer): void {
    const { text } = this.#decoder.decode(lines);
    try {
      if (!this.#inOperation) this.#considerPast(text);
      this.#o.feed.process(text, this, this.#inOperation);
    } catch (error) {
      this.#complaints.complain(`Failed to process lines, caught exception: ${errorText(error)}`);
    }
    this.#last = { line: lastLineOf(text), at: this.#o.clock.now() };
  }

  /** Lines that are not dated at all, or dated now, are new ones. */
  #considerPast(text: string): void {
    const { feed, clock } = this.#o;
    const time = feed.timeOf(text.slice(0, text.indexOf("\n")));
    this.#cancelQuiet?.();
    if (time === null || time >= clock.now() - PAST_SECONDS) {
      this.#inOperation = true;
      return;
    }
    const enterOperation = () => {
      this.#inOperation = true;
    };
    this.#cancelQuiet = clock.after(QUIET_SECONDS, enterOperation, { background: true });
  }

  #keep(lines: Buffer): void {
    this.#waiting.push(lines);
    this.#waitingBytes += lines.length;
    while (this.#waitingBytes > MOST_WAITING && this.#waiting.length > 1) {
      this.#waitingBytes -= this.#waiting.shift()!.length;
      this.#complaints.complain("The jail is idle and more lines come than can wait, the oldest are lost");
    }
  }
}

/** A copy, as a part would keep the whole text in memory. */
function lastLineOf(text: string): string {
  const line = text.slice(text.lastIndexOf("\n", text.length - 2) + 1).trimEnd();
  return Buffer.from(line).toString();
}
