import { LEVELS } from "../log/logger.ts";
import { ownText } from "../pyvalue/own-text.ts";
import { reprString } from "../pyvalue/repr.ts";
import type { ChoiceState } from "../time/choice-state.ts";
import type { DateDetector, FoundDate } from "../time/date-detector.ts";
import type { DateFailure } from "../time/date-fields.ts";
import { formatDuration } from "../time/format-duration.ts";
import { DatedLine, type KnownDate } from "./dated-line.ts";
import type { LineParts } from "./line-buffer.ts";
import { endOfLine } from "./line-end.ts";

/** What the dates of lines are held against. */
export interface DateContext {
  /** The current time, seconds since 1970 UTC. */
  readonly now: number;
  /** The lines are being written now; else they were written before and are read to catch up. */
  readonly inOperation: boolean;
  /** Lines older than this many seconds are ignored when catching up; `null`: times are not checked at all. */
  readonly findTime: number | null;
  /** The lines are known to be pure ASCII. */
  readonly isAscii: boolean;
}

/** A message for the log, held back until it is sure. */
export interface Note {
  readonly level: number;
  readonly text: string;
}

/** What is remembered of the dates of earlier lines, as plain data. */
export interface DateMemory {
  readonly learned: ChoiceState;
  readonly lastKnown: LastKnown | null;
}

/** The date that undated lines take, if it is recent. */
interface LastKnown extends KnownDate {
  readonly time: number;
}

/** Finds the times of a jail's lines, one after the other: an undated line takes the time of the line before it. */
export class LineDates {
  readonly #jail: string;
  detector: DateDetector;
  #lastKnown: LastKnown | null = null;
  /** The date that the detector can recognise in a line without reading it, and what stands for it there. */
  #repeated: LastKnown | null = null;
  #repeatedAs: object | null = null;
  /** Kind of warning → when it was given. */
  #warned = new Map<string, number>();
  #notes: Note[] = [];

  constructor(jail: string, detector: DateDetector) {
    this.#jail = jail;
    this.detector = detector;
  }

  /** What is remembered of earlier lines; set, lines are dated as if those had been read. */
  get memory(): DateMemory {
    return { learned: this.detector.learned, lastKnown: this.#lastKnown };
  }

  set memory({ learned, lastKnown }: DateMemory) {
    this.detector.learned = learned;
    this.#lastKnown = lastKnown;
    this.#repeated = null;
    this.#repeatedAs = null;
  }

  /**
   * Dates a line; `null` when it is too old to count.
   *
   * @param lookBack called when the line has no date of its own, before it takes the last known one: the place
   * to date lines that were passed over
   */
  date(line: string, context: DateContext, lookBack?: () => void): DatedLine | null {
    const dated = this.#read(line, context, lookBack);
    return dated.time === null || context.findTime === null ? dated : this.#check(dated, dated.time, context);
  }

  /**
   * Dates a line of a block, as {@link date} does it.
   *
   * @param start where the line begins
   */
  dateAt(block: string, start: number, context: DateContext, lookBack?: () => void): DatedLine | null {
    const end = endOfLine(block, start);
    const scanned = this.scanAt(block, start, end, context);
    if (scanned !== undefined) return scanned;
    const line = block.slice(start, end);
    const dated = this.date(line, context, lookBack);
    dated?.putBack(line, block, start);
    return dated;
  }

  /**
   * Dates a line of a block, as {@link date} does it, if that certainly takes little time; else `undefined`.
   *
   * @param start where the line begins
   * @param end where it ends
   * @param bytes the block's, if the line is of pure ASCII and they are at hand
   */
  scanAt(
    block: string,
    start: number,
    end: number,
    context: DateContext,
    bytes: Uint8Array | null = null,
  ): DatedLine | null | undefined {
    const date = this.#repeatedDate(block, start, end, context.now, bytes);
    if (date < 0) return this.#scanNew(block, start, end, context, bytes);
    const last = this.#repeated!;
    this.#lastKnown = last;
    const resume = date + this.detector.repeatedLength;
    const dated = new DatedLine(block, start, end, date, resume, last, false);
    return context.findTime === null ? dated : this.#check(dated, last.time, context);
  }

  /**
   * Takes the date of a line from `start` to `end` of a block that is of no other interest, if it is that of the line
   * before; returns where it begins, or -1 when {@link date} must be asked. It is {@link repeatedLength} long.
   *
   * @param bytes the block's, if the line is of pure ASCII and they are at hand
   */
  passRepeated(
    block: string,
    start: number,
    end: number,
    context: DateContext,
    bytes: Uint8Array | null = null,
  ): number {
    if (context.findTime !== null) return -1;
    const date = this.#repeatedDate(block, start, end, context.now, bytes);
    if (date >= 0) this.#lastKnown = this.#repeated;
    return date;
  }

  /** Length of the date that repeats. */
  get repeatedLength(): number {
    return this.detector.repeatedLength;
  }

  /** As {@link scanAt}, for a date that is another one than that of the line before. */
  #scanNew(
    block: string,
    start: number,
    end: number,
    context: DateContext,
    bytes: Uint8Array | null,
  ): DatedLine | null | undefined {
    const { uses } = this.detector;
    const found = this.detector.scan(block.slice(start, end), context.now, bytes, start);
    if (found === null) return undefined;
    if (found.epoch === null || found.start === found.end) {
      this.detector.takeBackUses(uses);
      return undefined;
    }
    const known = this.#remember(found, found.epoch);
    const dated = new DatedLine(block, start, end, start + found.start, start + found.end, known, false);
    return context.findTime === null ? dated : this.#check(dated, known.time, context);
  }

  /** Where the date of the line from `start` to `end` begins, if it is that of the line before; else -1. */
  #repeatedDate(
    block: string,
    start: number,
    end: number,
    now: number,
    bytes: Uint8Array | null = null,
  ): number {
    // Others ask the detector, too, and work may be cut off at any point.
    if (this.detector.repeated !== this.#repeatedAs) return -1;
    return this.detector.repeats(block, start, end, now, bytes);
  }

  /** Treats a line as if it had no date. */
  withoutDate(line: string, context: DateContext): DatedLine {
    return this.#standIn(["", "", line], true, context);
  }

  /** Takes a line whose time is known from elsewhere; `null` when it is too old to count. */
  accept(parts: LineParts, time: number, context: DateContext): DatedLine | null {
    const dated = DatedLine.of(parts, time, false, false);
    return context.findTime === null ? dated : this.#check(dated, time, context);
  }

  /**
   * Reads the date of a line that is of no other interest: as the last known date, and for the warnings about
   * odd times. False when it has none that can be read.
   */
  hasDate(line: string, context: DateContext): boolean {
    const found = this.#find(line, context.now);
    if (!found || found.epoch === null || found.start === found.end) return false;
    const dated = this.#cutOut(found, found.epoch);
    if (context.findTime !== null) this.#check(dated, found.epoch, context);
    return true;
  }

  /** Notes that an expression matched in a line without a date. */
  warnUndated(line: DatedLine, now: number): void {
    this.#warnOnce("undated", now, () => [
      `Found a match but no valid date/time found for ${reprString(line.date)}.`,
      `Match without a timestamp: ${line.text}`,
      "Please try setting a custom date pattern (see man page jail.conf(5)).",
    ]);
  }

  /** Whether messages came up since {@link takeNotes} was called last. */
  get hasNotes(): boolean {
    return this.#notes.length > 0;
  }

  /** Hands over the messages that came up since the last call. */
  takeNotes(): readonly Note[] {
    if (this.#notes.length === 0) return NONE;
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  #read(line: string, context: DateContext, lookBack?: () => void): DatedLine {
    const found = this.detector.find(line, context.now);
    if (found && found.epoch !== null && found.start < found.end) return this.#cutOut(found, found.epoch);
    if (found?.failure) this.#complain(found, found.failure);
    lookBack?.();
    if (!found) return this.#standIn(["", "", line], true, context);
    return this.#standIn([found.before, found.date, found.after], found.start < found.end, context);
  }

  #complain(found: FoundDate, failure: DateFailure): void {
    if (failure.kind !== "invalid") throw failure.error;
    this.#note(LEVELS.ERROR, `findFailure failed to parse timeText: ${found.date}`);
  }

  /** Gives a line the last known date or, where that is right, the current time. */
  #standIn([before, date, after]: LineParts, undated: boolean, context: DateContext): DatedLine {
    if (this.#lastKnown && this.#lastKnown.time > context.now - FRESH_SECONDS) {
      const { time, text, isInteger } = this.#lastKnown;
      return DatedLine.of(["", text, before + date + after], time, isInteger, undated);
    }
    const isNow = !undated || (context.inOperation && context.findTime !== null);
    return DatedLine.of([before, date, after], isNow ? context.now : null, false, undated);
  }

  #find(line: string, now: number): FoundDate | null {
    try {
      return this.detector.find(line, now);
    } catch {
      return null;
    }
  }

  #cutOut(found: FoundDate, time: number): DatedLine {
    const { line, start, end } = found;
    return new DatedLine(line, 0, line.length, start, end, this.#remember(found, time), false);
  }

  #remember(found: FoundDate, time: number): LastKnown {
    const { isInteger } = found;
    let last = this.#lastKnown;
    // Neighbours share their dates.
    if (last === null || last.time !== time || last.isInteger !== isInteger || !found.hasDate(last.text)) {
      last = { time, text: ownText(found.date), isInteger };
      this.#lastKnown = last;
    }
    if (this.detector.repeated !== this.#repeatedAs) {
      this.#repeated = last;
      this.#repeatedAs = this.detector.repeated;
    }
    return last;
  }

  #check(line: DatedLine, time: number, { now, inOperation, findTime }: DateContext): DatedLine | null {
    if (!inOperation) {
      if (time >= now - findTime!) return line;
      this.#warnOnce("old", now, () => [
        `Ignoring all log entries older than ${findTime}s; these are probably messages generated while fail2ban was not running.`,
        oddTimestamp(line),
      ]);
      return null;
    }
    const ahead = Math.trunc(time - now);
    if (Math.abs(ahead) <= FRESH_SECONDS) return line;
    this.#warnOnce("deviating", now, () => [
      `Detected a log entry ${formatDuration(Math.abs(ahead))} ${ahead < 0 ? "before" : "after"} the current time in operation mode. ` +
        `This looks like a ${ahead < 0 && ahead >= -LATENCY_SECONDS ? "latency" : "timezone"} problem. ` +
        "Treating such entries as if they just happened.",
      oddTimestamp(line),
    ]);
    this.#lastKnown = { time: now, text: line.date, isInteger: false };
    return line.at(now);
  }

  #warnOnce(kind: string, now: number, texts: () => string[]): void {
    const last = this.#warned.get(kind);
    if (last !== undefined && Math.abs(now - last) < DAY_SECONDS) return;
    this.#warned.set(kind, now);
    for (const text of texts()) this.#note(LEVELS.WARNING, `[${this.#jail}] ${text}`);
  }

  #note(level: number, text: string): void {
    this.#notes.push({ level, text });
  }
}

const NONE: readonly Note[] = [];
const DAY_SECONDS = 86_400;
/** How far the clock and a log may be apart, and how long the last date stands in for a missing one. */
const FRESH_SECONDS = 60;
/** Lines that are late by less than this are late because something is slow, not because of a wrong zone. */
const LATENCY_SECONDS = 3300;

function oddTimestamp(line: DatedLine): string {
  return `Please check a jail for a timing issue. Line with odd timestamp: ${line.text}`;
}
