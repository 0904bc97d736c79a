import type { DateFields, YearDay } from "./date-fields.ts";
import { readDigits } from "./digits.ts";

/** Texts of named groups in the order of the pattern; null: the group took no part. */
export type TokenTexts = Readonly<Record<string, string | null>>;

/** The fields as they are put together. */
interface Draft {
  year: number | null;
  month: number | null;
  day: number | null;
  hour: number;
  minute: number;
  second: number;
  zone: string | null;
  dayOfYear: number | null;
  /** 0 = Monday */
  weekday: number | null;
  week: { readonly week: number; readonly startsOn: "sunday" | "monday" } | null;
}

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
const WEEKDAYS = "montuewedthufrisatsun";

/** What each `%` token says, by the name of its group. */
const READERS: Readonly<Record<string, (draft: Draft, text: string, texts: TokenTexts) => void>> = {
  Y: (draft, text) => {
    draft.year = number(text);
  },
  y: (draft, text) => {
    draft.year = 2000 + number(text);
  },
  m: (draft, text) => {
    draft.month = number(text);
  },
  b: readMonthName,
  B: readMonthName,
  d: (draft, text) => {
    draft.day = number(text);
  },
  H: (draft, text) => {
    draft.hour = number(text);
  },
  I: (draft, text, texts) => {
    draft.hour = (number(text) % 12) + (texts["p"]?.toLowerCase() === "pm" ? 12 : 0);
  },
  M: (draft, text) => {
    draft.minute = number(text);
  },
  S: (draft, text) => {
    draft.second = number(text);
  },
  z: readZoneText,
  Z: readZoneText,
  j: (draft, text) => {
    draft.dayOfYear = number(text);
  },
  a: readWeekdayName,
  A: readWeekdayName,
  w: (draft, text) => {
    draft.weekday = (number(text) + 6) % 7;
  },
  U: (draft, text) => {
    draft.week = { week: number(text), startsOn: "sunday" };
  },
  W: (draft, text) => {
    draft.week = { week: number(text), startsOn: "monday" };
  },
};

/** Collects the fields of a date from the named groups of the `%` tokens. Of several for one field the last one counts. */
export function tokenFields(texts: TokenTexts): DateFields {
  const draft: Draft = {
    year: null,
    month: null,
    day: null,
    hour: 0,
    minute: 0,
    second: 0,
    zone: null,
    dayOfYear: null,
    weekday: null,
    week: null,
  };
  for (const name in texts) {
    const text = texts[name];
    if (text != null && Object.hasOwn(READERS, name)) READERS[name]!(draft, text, texts);
  }
  const { dayOfYear, weekday, week, ...fields } = draft;
  return { ...fields, yearDay: yearDayOf(draft) };
}

function yearDayOf({ dayOfYear, weekday, week }: Draft): YearDay | null {
  if (dayOfYear !== null) return { dayOfYear };
  return weekday === null || week === null ? null : { ...week, weekday };
}

function readMonthName(draft: Draft, text: string): void {
  draft.month = nameIndex(MONTHS, text) + 1;
}

function readWeekdayName(draft: Draft, text: string): void {
  draft.weekday = nameIndex(WEEKDAYS, text);
}

function readZoneText(draft: Draft, text: string): void {
  draft.zone = text;
}

function nameIndex(names: string, name: string): number {
  return names.indexOf(name.slice(0, 3).toLowerCase()) / 3;
}

/** Digits with a blank in front, perhaps. */
function number(text: string): number {
  return readDigits(text.trimStart());
}
