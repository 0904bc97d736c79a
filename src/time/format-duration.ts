import { roundHalfEven } from "../pyvalue/arithmetic.ts";
import { formatFloat } from "../pyvalue/repr.ts";
import { PyFloat } from "../pyvalue/value.ts";

/** Letters of the units and their lengths in seconds. */
const SIZES = { y: 31_536_000, w: 604_800, d: 86_400, h: 3600, m: 60 } as const;

/** From which length on (in seconds) which units are shown, and to how many seconds the length is rounded. */
const FORMS = [
  { from: 31_536_000, units: ["y", "w", "d"], rounding: 86_400 },
  { from: 604_800, units: ["w", "d", "h"], rounding: 3600 },
  { from: 86_400, units: ["d", "h", "m"], rounding: 60 },
  { from: 3595, units: ["h", "m"], rounding: 10 },
] as const;

/**
 * A length of time as log messages show it: `1d 12h`, `59m 54s`, `0`. The longer it is, the more it is
 * rounded; parts that are zero are left out. Lengths below 3595 seconds keep their fraction, and negative
 * ones are plain seconds.
 *
 * @param seconds a float may be given as {@link PyFloat}, which only shows in lengths below 3595 s (`1.0m`)
 */
export function formatDuration(seconds: number | PyFloat): string {
  const isFloat = seconds instanceof PyFloat || !Number.isInteger(seconds);
  const length = seconds instanceof PyFloat ? seconds.value : seconds;
  if (length === 0) return "0";
  const show = (value: number) => (isFloat ? formatFloat(value) : String(value));
  if (length < 60) return `${show(length)}s`;
  const form = FORMS.find(({ from }) => length >= from);
  if (!form) return formatMinutes(length, show);
  return formatUnits(roundHalfEven(length / form.rounding) * form.rounding, form.units);
}

function formatMinutes(length: number, show: (value: number) => string): string {
  const seconds = length % 60;
  const minutes = `${show((length - seconds) / 60)}m`;
  return seconds === 0 ? minutes : `${minutes} ${show(seconds)}s`;
}

function formatUnits(length: number, units: readonly (keyof typeof SIZES)[]): string {
  const words: string[] = [];
  let rest = length;
  for (const unit of units) {
    const count = Math.floor(rest / SIZES[unit]);
    if (count > 0) words.push(`${count}${unit}`);
    rest -= count * SIZES[unit];
  }
  return words.join(" ");
}
