import type { PyMatch } from "../pyregex/compile.ts";
import { PyRegexBudgetError } from "../pyregex/error.ts";
import { type Progress, searchProgress } from "../pyregex/progress.ts";
import type { Expression } from "./expression.ts";
import type { FailureData } from "./failure.ts";
import type { UseDns } from "./tags.ts";
import type { TimeGuard } from "./time-guard.ts";
import { WrittenPlaces } from "./written-places.ts";

/** How one expression fared in a text, as plain data. */
export interface Attempt {
  /** Number among its kind, from 1. */
  readonly number: number;
  /** The expression as written; with its tags replaced where it had to be rearranged. */
  readonly regex: string;
  readonly result: "match" | "no match" | "took too long";
  /** What matched; `null`: nothing. */
  readonly match: Matched | null;
  /** How far it came; `null`: it matched, or that cannot be told in reasonable time. */
  readonly stopped: Stop | null;
}

/** A match, with places in the searched text. */
export interface Matched {
  readonly start: number;
  readonly end: number;
  /** What the groups captured, by name; `null` for those that took no part. */
  readonly groups: FailureData;
}

/** Where an expression and a text part. */
export interface Stop {
  /** Up to this place of the expression the text fits. */
  readonly regexAt: number;
  /** Up to this place of the text the expression fits. */
  readonly textAt: number;
  /** The part of the expression for which nothing fits. */
  readonly wanted: string;
}

/** What an attempt is made with. */
export interface AttemptOptions {
  readonly useDns: UseDns;
  /** `^` and `$` of the expression match at every line. */
  readonly multiline: boolean;
  readonly guard: TimeGuard;
  /** Milliseconds that the expression may take. */
  readonly limitMs: number;
}

/** An attempt with the match itself, for what follows from it. */
export interface MadeAttempt {
  readonly attempt: Attempt;
  readonly found: PyMatch | null;
}

/** Tries an expression on a text of one or more lines and finds out how far it came. */
export function attemptOf(
  number: number,
  expression: Expression,
  text: string,
  options: AttemptOptions,
): MadeAttempt {
  const { useDns, guard, limitMs } = options;
  const places = new WrittenPlaces(expression.written, useDns);
  const begin = { number, regex: places.text };
  let found: PyMatch | null = null;
  expression.prepare();
  const isInTime = inTime(guard, limitMs, () => {
    found = expression.search(text);
  });
  if (!isInTime)
    return { attempt: { ...begin, result: "took too long", match: null, stopped: null }, found: null };
  if (found)
    return {
      attempt: { ...begin, result: "match", match: matched(expression, found), stopped: null },
      found,
    };
  let progress: Progress | null = null;
  const { multiline } = options;
  inTime(guard, limitMs, () => {
    progress = searchProgress(expression.text, text, { multiline });
  });
  const stopped = progress && stopAt(progress, places);
  return { attempt: { ...begin, result: "no match", match: null, stopped }, found: null };
}

function matched(expression: Expression, found: PyMatch): Matched {
  return { start: found.start, end: found.end, groups: expression.groups(found) };
}

function stopAt({ patternEnd, next, textEnd }: Progress, places: WrittenPlaces): Stop {
  const wanted = places.text.slice(places.find(next[0], "start"), places.find(next[1], "end"));
  return { regexAt: places.find(patternEnd, "start"), textAt: textEnd, wanted };
}

/** A machine that is busy may need longer for the same work. */
const MOST_PATIENCE = 4;

/** Runs work under the time limit; false when it was given up. */
export function inTime(guard: TimeGuard, limitMs: number, work: () => void): boolean {
  try {
    for (let patience = 1; patience <= MOST_PATIENCE; patience *= 2) {
      const result = guard.run(limitMs * patience, work);
      if (result !== "starved") return result === "done";
    }
    return false;
  } catch (error) {
    if (error instanceof PyRegexBudgetError) return false;
    throw error;
  }
}
