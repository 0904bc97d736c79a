/** From here on (10000 UTC less two days, in seconds) dates are shown as the last one of the year 9999. */
const LAST_SHOWN = 253_402_214_400;
const LAST_TEXT = "9999-12-31 23:59:59";
/** The first second of the year 1. */
const FIRST_SHOWN = -62_135_596_800;

/** Half a microsecond: the reference reads times to the nearest microsecond before it cuts the fraction. */
const HALF_MICROSECOND = 5e-7;

/**
 * A time as `YYYY-MM-DD HH:MM:SS` in the system's zone, fractions cut off.
 *
 * @param epoch seconds since 1970 UTC; what is no time, or beyond the year 9999, shows as its last second
 */
export function formatLocalTime(epoch: number): string {
  return textOf(Math.floor(epoch + HALF_MICROSECOND));
}

/**
 * A time as the lines of the log file begin: `YYYY-MM-DD HH:MM:SS,mmm` in the system's zone.
 *
 * @param epoch seconds since 1970 UTC
 */
export function formatLogTime(epoch: number): string {
  const second = Math.floor(epoch);
  const milliseconds = Math.floor((epoch - second) * 1000);
  return `${textOf(second)},${String(milliseconds).padStart(3, "0")}`;
}

/** The text made last; most calls ask for the same second again. */
let last = { second: Number.NaN, offset: 0, text: "" };

const TWO_DIGITS: readonly string[] = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));

function textOf(second: number): string {
  if (!(second >= FIRST_SHOWN && second < LAST_SHOWN)) return LAST_TEXT;
  const date = new Date(second * 1000);
  // The offset is compared as well, so that a change of the zone shows at once.
  const offset = date.getTimezoneOffset();
  if (second === last.second && offset === last.offset) return last.text;
  const year = String(date.getFullYear()).padStart(4, "0");
  const day = `${year}-${TWO_DIGITS[date.getMonth() + 1]}-${TWO_DIGITS[date.getDate()]}`;
  const minute = `${TWO_DIGITS[date.getHours()]}:${TWO_DIGITS[date.getMinutes()]}`;
  last = { second, offset, text: `${day} ${minute}:${TWO_DIGITS[date.getSeconds()]}` };
  return last.text;
}
