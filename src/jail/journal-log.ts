import type { TimedLine } from "../detect/filter.ts";
import type { Logger, LogHub } from "../log/logger.ts";
import { Complaints } from "../source/complaints.ts";
import { type LineDecoder, lookupEncoding } from "../source/encoding.ts";
import { errorText } from "../source/file-io.ts";
import type { JournalSelection } from "../source/journal-arguments.ts";
import { type JournalLine, journalLine } from "../source/journal-entry.ts";
import type { JournalEntry } from "../source/journal-export.ts";
import type { RunJournalctl } from "../source/journal-process.ts";
import { JournalReader, type JournalStart } from "../source/journal-reader.ts";
import { NO_LAG, type SourceState, UNKNOWN_LAG } from "../source/source-state.ts";
import { systemWatcher } from "../source/watcher.ts";
import type { BanDatabase } from "../store/database.ts";
import type { Clock } from "../time/clock.ts";
import type { JournalMatches } from "./journal-matches.ts";
import type { LineFeed } from "./line-feed.ts";
import { checkedEncoding, FilelessSource, type LogSource } from "./log-source.ts";

/** What reading the journal for a jail needs. */
export interface JournalLogOptions {
  /** Name of the jail. */
  readonly jail: string;
  /** The backend as the jail asked for it. */
  readonly backend: string;
  readonly clock: Clock;
  readonly hub: LogHub;
  readonly feed: LineFeed;
  readonly matches: JournalMatches;
  readonly selection: JournalSelection;
  readonly run: RunJournalctl;
  /** Seconds that failures count for: older entries need not be read. */
  readonly findTime: () => number;
  readonly database: () => BanDatabase | null;
}

/** Under these names the database keeps the time of the last entry, as the reference does, and its cursor. */
const TIME_ROW = "systemd-journal";
const CURSOR_ROW = "systemd-journal-cursor";
/** An entry this young, in seconds, is being written now. */
const FRESH_SECONDS = 1;
const HALF_MICROSECOND = 5e-7;

/** The journal as the source of a jail's lines. */
export class JournalLog extends FilelessSource implements LogSource {
  readonly #o: JournalLogOptions;
  readonly #log: Logger;
  readonly #reader: JournalReader;
  readonly #complaints: Complaints;
  #encoding = checkedEncoding("auto");
  #decoder: LineDecoder = lookupEncoding(this.#encoding);
  #paused = true;
  #started = false;
  #inOperation = false;
  /** Entries that wait to be examined together, and whether they are new ones. */
  #taken: JournalLine[] = [];
  #takenInOperation = false;
  /** Cursor of the last entry that was read. */
  #cursor: string | null = null;
  /** Time of that entry, and when it was read. */
  #last: { readonly time: number; readonly at: number } | null = null;
  /** Entries up to this time were read by a server that left no cursor. */
  #readBefore = Number.NEGATIVE_INFINITY;

  constructor(options: JournalLogOptions) {
    super();
    const { clock, hub, jail, matches, selection, run } = options;
    this.#o = options;
    this.#log = hub.logger("filtersystemd");
    this.#complaints = new Complaints(clock, (message) => this.#log.error(`[${jail}] ${message}`));
    this.#reader = new JournalReader({
      clock,
      selection,
      run,
      watcher: systemWatcher,
      start: () => this.#start(),
      matches: () => matches.list(),
      onEntry: (entry, fresh) => this.#take(entry, fresh),
      onPause: () => this.#process(),
      onCaughtUp: () => this.#enterOperation(),
      onTrouble: (message) => this.#complaints.complain(message),
    });
    matches.onChange = () => this.#reader.restart();
  }

  get encoding(): string {
    return this.#encoding;
  }

  set encoding(name: string) {
    this.#encoding = checkedEncoding(name);
    this.#decoder = lookupEncoding(this.#encoding);
    this.#o.hub.logger("filter").info(`  encoding: ${this.#encoding}`);
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(on: boolean) {
    this.#paused = on;
    if (on) {
      this.#reader.stop();
      return;
    }
    if (!this.#started) this.#noteFirstStart();
    this.#reader.start();
  }

  async states(): Promise<SourceState[]> {
    const { backend, clock } = this.#o;
    const { fault } = this.#reader;
    // The journal does not say how much there is; but once it is followed, everything has been read.
    const seconds = this.#last === null ? null : Math.max(0, clock.now() - this.#last.time);
    return [
      {
        name: backend,
        reader: "journal",
        health: fault?.health ?? (this.#paused ? "idle" : "ok"),
        fault,
        lag: this.#inOperation && !fault && !this.#paused ? NO_LAG : { ...UNKNOWN_LAG, seconds },
        lastLineTime: this.#last?.time ?? null,
        lastReadAt: this.#last?.at ?? null,
        file: null,
        cursor: this.#cursor,
      },
    ];
  }

  close(): void {
    this.#paused = true;
    this.#reader.stop();
  }

  #noteFirstStart(): void {
    this.#started = true;
    if (this.#o.matches.list().length > 0) return;
    this.#log.notice(
      `[${this.#o.jail}] Jail started without 'journalmatch' set. Jail regexs will be checked against all ` +
        "journal entries, which is not advised for performance reasons.",
    );
  }

  #start(): JournalStart {
    if (this.#cursor !== null) return { after: this.#cursor };
    const { jail, clock, findTime, database } = this.#o;
    const oldest = clock.now() - findTime();
    const time = database()?.lastPosition(jail, TIME_ROW) ?? null;
    if (time === null || time < oldest) return { since: Math.max(0, oldest) };
    // The cursor is outdated when another server has moved on the time since.
    const cursor =
      database()?.lastPosition(jail, CURSOR_ROW) === time && database()?.lastMark(jail, CURSOR_ROW);
    if (cursor) return { after: cursor };
    this.#readBefore = time;
    return { since: time };
  }

  #take(entry: JournalEntry, fresh: boolean): void {
    const line = journalLine(entry, this.#decoder);
    if (!line || line.time <= this.#readBefore + HALF_MICROSECOND) return;
    const inOperation = fresh || line.time >= this.#o.clock.now() - FRESH_SECONDS;
    if (inOperation !== this.#takenInOperation) this.#process();
    this.#takenInOperation = inOperation;
    if (inOperation) this.#enterOperation();
    this.#taken.push(line);
  }

  #process(): void {
    const lines = this.#taken;
    const last = lines.at(-1);
    if (!last) return;
    this.#taken = [];
    const timed = lines.map(({ time, isoTime, text }): TimedLine => {
      return { line: ["", `${isoTime} `, text], time };
    });
    try {
      this.#o.feed.processTimed(timed, this.#takenInOperation);
    } catch (error) {
      this.#complaints.complain(`Failed to process entries, caught exception: ${errorText(error)}`);
    }
    this.#savePosition(last);
  }

  #enterOperation(): void {
    if (this.#inOperation) return;
    this.#inOperation = true;
    this.#log.info(`[${this.#o.jail}] Jail is in operation now (process new journal entries)`);
  }

  #savePosition({ time, isoTime, cursor }: JournalLine): void {
    this.#cursor = cursor;
    this.#last = { time, at: this.#o.clock.now() };
    this.#readBefore = Number.NEGATIVE_INFINITY;
    const { jail, database } = this.#o;
    database()?.updatePosition(jail, TIME_ROW, `${isoTime} `, time);
    database()?.updatePosition(jail, CURSOR_ROW, cursor, time);
  }
}
