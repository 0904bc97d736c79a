/** Days from 0001-01-01 to 1970-01-01. */
const BEFORE_1970 = 719_162;
/** Days of a common year before each month; the last entry is the whole year. */
const BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] as const;

/** Years, months (1 to 12) and days (1 to 31) of the Gregorian calendar. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * Days from 1970-01-01 to a day. A month of 13 is January of the next year; other values out of their range
 * are for the caller to check.
 */
export function dayNumber(year: number, month: number, day: number): number {
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  const ownLeapDay = month > 2 && isLeapYear(year) ? 1 : 0;
  return past * 365 + leapDays + BEFORE_MONTH[month - 1]! + ownLeapDay + day - 1 - BEFORE_1970;
}

/** The day that comes so many days after 1970-01-01. */
export function calendarDay(number: number): CalendarDay {
  const year = yearOfDay(number);
  const rest = number - dayNumber(year, 1, 1);
  let month = 12;
  while (dayNumber(year, month, 1) - dayNumber(year, 1, 1) > rest) month--;
  return { year, month, day: number - dayNumber(year, month, 1) + 1 };
}

/** The year of the day that comes so many days after 1970-01-01. */
export function yearOfDay(number: number): number {
  const year = 1970 + Math.floor(number / 365.2425);
  if (number < dayNumber(year, 1, 1)) return year - 1;
  return number < dayNumber(year + 1, 1, 1) ? year : year + 1;
}

/** Whether there is such a day, in the years 1 to 9999. */
export function isDay({ year, month, day }: CalendarDay): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  return day <= dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
