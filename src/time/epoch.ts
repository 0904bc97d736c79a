import type { PyMatch } from "../pyregex/compile.ts";
import { failedReading, fixedReading, type Reading } from "./date-fields.ts";
import { readDigits } from "./digits.ts";
import { END_BOUNDARY, frame } from "./frame.ts";
import { DateTemplate } from "./template.ts";

const SECONDS = "\\d{10,11}\\b(?:\\.\\d{3,6})?";
const LONG = "\\d{10,11}(?:\\d{3}(?:\\.\\d{1,6}|\\d{3})?)?";
/** Where an epoch number may stand without an anchor of its own. */
const PLACES = "(?:^|(?<=^\\[)|(?<=\\baudit\\())";
const EMBEDDED = /(?<!\\)\{L?EPOCH\}/i;

/** Whether a pattern holds `{EPOCH}` or `{LEPOCH}`. */
export function embedsEpoch(pattern: string): boolean {
  return EMBEDDED.test(pattern);
}

/** The template for lines that begin with seconds since 1970, or milli- or microseconds if `isLong`. */
export function epochTemplate(isLong: boolean, lineBegin: boolean, weight = 1): DateTemplate {
  const number = `(${isLong ? LONG : SECONDS})`;
  return new DateTemplate({
    name: `${lineBegin ? "{^LN-BEG}" : ""}${isLong ? "LongEpoch" : "Epoch"}`,
    pattern: null,
    regex: `${lineBegin ? "^\\W{0,2}" : PLACES}${number}${END_BOUNDARY}`,
    weight,
    anchored: lineBegin,
    wrapped: true,
    needs: "number",
    read: (match) => readEpoch(match.group(1), isLong),
  });
}

/** The template for a custom expression around `{EPOCH}` or `{LEPOCH}`; its number is in group 2. */
export function embeddedEpochTemplate(pattern: string): DateTemplate {
  const isLong = /(?<!\\)\{LEPOCH\}/i.test(pattern);
  const number = `(${isLong ? LONG : SECONDS})`;
  // The number's own group must not pass for the date part.
  const marked = pattern.replace(new RegExp(EMBEDDED, "gi"), MARK);
  const framed = frame(marked, { ignoreCase: false });
  return new DateTemplate({
    ...framed,
    name: pattern.replace(/^\{UNB\}/, ""),
    pattern: null,
    regex: framed.regex.replaceAll(MARK, () => number),
    read: (match) => readEpoch(secondGroup(match), isLong),
  });
}

/** Stands for the number while the expression around it is framed. */
const MARK = "\0";

function secondGroup(match: PyMatch): string | null {
  return match.groups().length < 2 ? null : match.group(2);
}

function readEpoch(text: string | null, isLong: boolean): Reading {
  if (text === null || !/^[\p{Nd}]+(?:\.\p{Nd}+)?$/u.test(text)) return failedReading();
  const number = Number(text.replace(/[^0-9.]/gu, (digit) => String(readDigits(digit))));
  if (!isLong || text.length < 13) return fixedReading(number, false);
  return fixedReading(number / (text.length >= 16 && !text.includes(".") ? 1_000_000 : 1000), false);
}
