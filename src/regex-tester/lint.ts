import { Expression, requireIdentifier } from "../detect/expression.ts";
import { MATCH_LIMIT_MS } from "../detect/filter.ts";
import { Prefilter } from "../detect/prefilter.ts";
import { RegexError } from "../detect/regex-error.ts";
import { TimeGuard } from "../detect/time-guard.ts";
import { PyRegexBudgetError } from "../pyregex/error.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import { ManualClock } from "../time/clock.ts";
import { DateDetector } from "../time/date-detector.ts";
import { findBacktracking, MOST_STEPS } from "./backtracking.ts";
import { cutAddress, type Injection, injectionInto, injectionThrough } from "./injection.ts";

/** The expressions that are judged. */
export interface LintInput {
  readonly prefregex: string | undefined;
  readonly failregex: readonly string[];
  readonly ignoreregex: readonly string[];
  readonly datepattern?: string | undefined;
}

/**
 * Judges expressions: whether some text makes a backtracking matcher take very long, whether what an attacker writes can be taken for
 * the address, and whether there is no fixed text to look for in logs. Returns remarks for people; a filter
 * without remarks may still be wrong.
 */
export function lint({ prefregex, failregex, ignoreregex, datepattern }: LintInput): string[] {
  const remarks: string[] = [];
  if (prefregex) {
    remarks.push(...judge("prefregex", prefregex, false));
    const injection = injectionByPrefix(prefregex, failregex);
    if (injection) remarks.push(`prefregex: ${injectionRemark(injection)}`);
  }
  for (const [i, regex] of failregex.entries())
    remarks.push(...judge(`failregex ${i + 1}`, regex, true, prefregex));
  for (const [i, regex] of ignoreregex.entries())
    remarks.push(...judge(`ignoreregex ${i + 1}`, regex, false));
  if (datepattern) remarks.push(...judgeDates(datepattern).map((remark) => `datepattern: ${remark}`));
  return remarks;
}

/** What the prefregex does to failregexes that nothing can be said of alone. */
function injectionByPrefix(prefregex: string, failregex: readonly string[]): Injection | null {
  const prefix = expressionOf(prefregex);
  if (!prefix) return null;
  for (const regex of failregex) {
    const expression = expressionOf(regex);
    const injection = expression && !injectionInto(expression) ? injectionThrough(prefix, expression) : null;
    if (injection) return injection;
  }
  return null;
}

function expressionOf(written: string): Expression | null {
  try {
    return new Expression(written, { useDns: "warn" });
  } catch (error) {
    if (error instanceof RegexError) return null;
    throw error;
  }
}

/** Remarks on the date patterns that were written for the filter. */
function judgeDates(datepattern: string): string[] {
  const detector = new DateDetector({ clock: new ManualClock(0) });
  try {
    detector.setPattern(datepattern);
    detector.requireCompilable();
  } catch (error) {
    if (error instanceof PyError) return [str(error)];
    throw error;
  }
  const { templates } = detector;
  const costs = templates.map(({ regex }) => costRemark(new Expression(regex, { useDns: "warn" })));
  return costs.filter((cost) => cost !== null).slice(0, 1);
}

/** Longer than matching any line of a sane log takes. */
const LIMIT_MS = 100;
const SHOWN = 120;

function judge(what: string, written: string, isFailRegex: boolean, prefregex = ""): string[] {
  let expression: Expression;
  try {
    expression = new Expression(written, { useDns: "warn" });
  } catch (error) {
    if (error instanceof RegexError) return [`${what}: ${error.message}`];
    throw error;
  }
  const remarks: string[] = [];
  if (isFailRegex && !namesSomebody(expression, prefregex))
    remarks.push(`${what}: names nobody; write <HOST>, <ADDR> or <F-ID>`);
  const cost = costRemark(expression);
  if (cost !== null) remarks.push(`${what}: ${cost}`);
  const cut = isFailRegex ? cutAddress(expression) : null;
  if (cut !== null) remarks.push(`${what}: takes only "${cut.taken}" of the address in: ${shown(cut.text)}`);
  const injection = isFailRegex ? injectionInto(expression) : null;
  if (injection !== null) remarks.push(`${what}: ${injectionRemark(injection)}`);
  if (isFailRegex && Prefilter.for([expression.required], "start") === null)
    remarks.push(`${what}: has no fixed text, so that no line can be passed over quickly`);
  return remarks;
}

/** Whether a failregex says whom a failure is about, or the prefregex before it does. */
function namesSomebody(expression: Expression, prefregex: string): boolean {
  try {
    requireIdentifier(expression, prefregex === "" ? null : new Expression(prefregex, { useDns: "warn" }));
    return true;
  } catch (error) {
    if (error instanceof RegexError) return false;
    throw error;
  }
}

/** What lines the expression is slow for; `null`: none were found. */
function costRemark(expression: Expression): string | null {
  const backtracking = findBacktracking(expression.text);
  if (backtracking === null) return null;
  const { text, long, steps, growth } = backtracking;
  const number = new Intl.NumberFormat("en").format(steps);
  const most = steps >= MOST_STEPS ? " or more" : "";
  const line = `a line of ${text.length} characters: ${shown(text)}`;
  const what =
    growth === null
      ? `backtracks without bound, ${number} steps${most} for ${line}`
      : `takes ${growth.toFixed(0)} times as many steps for a line twice as long, ${number}${most} for ${line}`;
  const isSlowHere = [text, long].some((attack) => takesLong(expression, attack));
  return `${what}; fail2ban-ts ${isSlowHere ? `gives such lines up after ${MATCH_LIMIT_MS} ms` : "goes over to matching them in linear time"}, fail2ban does not`;
}

function takesLong(expression: Expression, text: string): boolean {
  try {
    return isSlow(() => void expression.search(text));
  } catch (error) {
    if (error instanceof PyRegexBudgetError) return true;
    throw error;
  }
}

/** A busy machine must not make an expression look slow. */
function isSlow(work: () => void): boolean {
  const guard = new TimeGuard();
  for (let limit = LIMIT_MS; limit <= 16 * LIMIT_MS; limit *= 2) {
    const result = guard.run(limit, work);
    if (result !== "starved") return result === "expired";
  }
  return true;
}

function injectionRemark({ way, text }: Injection): string {
  const line = `as in: ${shown(text)}`;
  switch (way) {
    case "within":
      return `can take what a stranger writes for the address, ${line}`;
    case "behind":
      return `takes the last address in a line, so that a stranger who can write behind the right one can name another, ${line}; end it with $, or take less in front of the address`;
    case "before":
      return `is not tied to the begin of the line, so that a stranger who can write any part of it can name an address, ${line}`;
  }
}

/** A text in quotes; a part of it that is repeated many times stands there once, with the number. */
function shown(text: string): string {
  const found = REPEATED.exec(text);
  if (!found) return quoted(text);
  const [, before = "", unit = ""] = found;
  let count = 1;
  while (text.startsWith(unit, before.length + count * unit.length)) count++;
  const after = text.slice(before.length + count * unit.length);
  return [quoted(before), `${count} times ${quoted(unit)}`, quoted(after)]
    .filter((part) => part !== '""')
    .join(", ");
}

const REPEATED = /^(.{0,500}?)(.{1,30}?)\2{9}/s;

function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
