import { keyError, typeError } from "../pyvalue/errors.ts";
import type { PyError } from "../pyvalue/value.ts";
import { type CalendarDay, calendarDay, dayNumber, isDay, yearOfDay } from "./calendar.ts";
import { type LocalZone, readZone } from "./zone.ts";

/** Why a text that looks like a date gives no time. */
export type DateFailure =
  /** No such date or time, or a malformed zone: the line goes on as one without a date. */
  | { readonly kind: "invalid" }
  /** Zone letters that nobody knows, or a day without a month: the whole line fails with `error`. */
  | { readonly kind: "unknown-zone" | "incomplete"; readonly error: PyError };

/** What the text of a date means. */
export interface Reading {
  /** Seconds since 1970 UTC; null when the conversion failed. */
  readonly epoch: number | null;
  /** Whether the zone was known, which makes the time an integer in the reference. */
  readonly isInteger: boolean;
  readonly failure: DateFailure | null;
  /** The reading holds while the wall clock (wall seconds) is in this range; it is bounded if a part is assumed. */
  readonly from: number;
  readonly until: number;
}

/** What a reading depends on besides the text. */
export interface ReadContext {
  readonly zone: LocalZone;
  /** The current time, seconds since 1970 UTC. */
  readonly now: number;
  /** The current time on the wall clock, in wall seconds. */
  readonly nowWall: number;
  /** Minutes east of UTC for dates that name no zone; null for the system's zone. */
  readonly defaultZone: number | null;
}

/** The fields of a date as they are written; null where there is none. */
export interface DateFields {
  readonly year: number | null;
  /** 1 to 12 */
  readonly month: number | null;
  /** 1 to 31 */
  readonly day: number | null;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Zone letters, an offset, or both. */
  readonly zone: string | null;
  /** A day without month and day of the month. */
  readonly yearDay?: YearDay | null;
}

/** A day by its number in the year, or by the week of the year and the day of the week (0 = Monday). */
export type YearDay =
  | { readonly dayOfYear: number }
  | { readonly week: number; readonly weekday: number; readonly startsOn: "sunday" | "monday" };

const DAY = 86_400;
const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** A reading without a time. */
export function failedReading(failure: DateFailure = { kind: "invalid" }, range = ALWAYS): Reading {
  return { epoch: null, isInteger: false, failure, ...range };
}

/** A reading that holds for ever. */
export function fixedReading(epoch: number, isInteger: boolean): Reading {
  return Number.isNaN(epoch) ? failedReading() : { epoch, isInteger, failure: null, ...ALWAYS };
}

/** Makes a time of the fields of a date; what is missing of year, month and day is assumed from the wall clock. */
export function readFields(fields: DateFields, context: ReadContext): Reading {
  const { hour, minute, second } = fields;
  const offset = readOffset(fields.zone, context.defaultZone);
  const day = findDay(fields, context.nowWall);
  if (day === null) return failedReading(INCOMPLETE);
  if (typeof offset === "object" && offset !== null) return failedReading(offset);
  const range = assumedRange(day, context.nowWall);
  const start = dayStart(day);
  if (start === null || hour > 23 || minute > 59 || second > 59) return failedReading(undefined, range);
  const wall = start + hour * 3600 + minute * 60 + second - (offset ?? 0) * 60;
  const placed = place(wall, day, context.nowWall, range);
  if (placed.value === null) return failedReading(undefined, placed);
  const { value, from, until } = placed;
  if (offset !== null) return { epoch: value, isInteger: true, failure: null, from, until };
  const { zone, now } = context;
  const epoch = zone.toEpoch(value, now);
  // What the clock shows twice means something else the second time: it is read anew each time.
  return { epoch, isInteger: false, failure: null, from, until: zone.isRepeated(value) ? from : until };
}

const INCOMPLETE: DateFailure = {
  kind: "incomplete",
  error: typeError("'NoneType' object cannot be interpreted as an integer"),
};

/** Minutes east of UTC, null for the system's zone. */
function readOffset(text: string | null, defaultZone: number | null): number | null | DateFailure {
  if (text === null) return defaultZone;
  const zone = readZone(text);
  if (typeof zone === "number") return zone;
  if (zone.kind === "malformed") return { kind: "invalid" };
  return { kind: "unknown-zone", error: keyError(zone.letters) };
}

/** A day with what is assumed about it. Years may be out of range, days may not exist. */
interface Day extends CalendarDay {
  readonly assumed: "nothing" | "year" | "today";
}

/** The day of a date; null when only one of month and day is known. */
function findDay(fields: DateFields, nowWall: number): Day | null {
  const { month, day, yearDay } = fields;
  const year = fields.year ?? yearOf(nowWall);
  const assumed = fields.year === null ? "year" : "nothing";
  if (month !== null && day !== null) return { year, month, day, assumed };
  if (yearDay) return { ...calendarDay(numberOf(yearDay, year)), assumed };
  if (month !== null || day !== null) return null;
  return { ...calendarDay(Math.floor(nowWall / DAY)), year, assumed: "today" };
}

/** Days from 1970 to a day of a year. Numbers too large for the year go on in the next one. */
function numberOf(yearDay: YearDay, year: number): number {
  const firstDay = dayNumber(year, 1, 1);
  if ("dayOfYear" in yearDay) return firstDay + yearDay.dayOfYear - 1;
  const { week, weekday, startsOn } = yearDay;
  const place = startsOn === "sunday" ? (weekday + 1) % 7 : weekday;
  // How many days 1 January comes after the start of its week; 1970-01-01 was a Thursday.
  const sinceStart = mod(firstDay + (startsOn === "sunday" ? 4 : 3), 7);
  // Week 1 begins with the first such start in the year, week 0 with the last one not after 1 January.
  if (week === 0) return firstDay - sinceStart + place;
  return firstDay + mod(-sinceStart, 7) + 7 * (week - 1) + place;
}

/** When an assumption about the year or the day holds, apart from the choice that {@link place} makes. */
function assumedRange({ assumed }: Day, nowWall: number): { from: number; until: number } {
  if (assumed === "nothing") return ALWAYS;
  if (assumed === "today") {
    const from = Math.floor(nowWall / DAY) * DAY;
    return { from, until: from + DAY };
  }
  const year = yearOf(nowWall);
  return { from: dayNumber(year, 1, 1) * DAY, until: dayNumber(year + 1, 1, 1) * DAY };
}

/** Moves a day that was assumed but lies in the future to the day or year before. */
function place(
  wall: number,
  day: Day,
  nowWall: number,
  range: { from: number; until: number },
): { value: number | null; from: number; until: number } {
  if (day.assumed === "nothing") return { value: wall, ...range };
  // Log lines are written in the past; for the year a day of grace allows for clocks and zones that differ.
  const limit = wall - (day.assumed === "today" ? 0 : DAY);
  if (limit <= nowWall) return { value: wall, from: Math.max(range.from, limit), until: range.until };
  const until = Math.min(range.until, limit);
  if (day.assumed === "today") return { value: wall - DAY, from: range.from, until };
  const start = dayStart({ ...day, year: day.year - 1 });
  return { value: start === null ? null : start + mod(wall, DAY), from: range.from, until };
}

/** The first second of a day, or null when there is no such day. */
function dayStart(day: CalendarDay): number | null {
  return isDay(day) ? dayNumber(day.year, day.month, day.day) * DAY : null;
}

function yearOf(wall: number): number {
  return yearOfDay(Math.floor(wall / DAY));
}

function mod(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
