import { attackTexts, injectedTexts } from "../detect/attack-lines.ts";
import { Expression } from "../detect/expression.ts";
import { Prefilter } from "../detect/prefilter.ts";
import { RegexError } from "../detect/regex-error.ts";
import { TimeGuard } from "../detect/time-guard.ts";
import { PyRegexBudgetError } from "../pyregex/error.ts";
import { parse } from "../pyregex/parser.ts";

/** The expressions that are judged. */
export interface LintInput {
  readonly prefregex: string | undefined;
  readonly failregex: readonly string[];
  readonly ignoreregex: readonly string[];
}

/**
 * Judges expressions: whether some text takes them very long, whether what an attacker writes can be taken for
 * the address, and whether there is no fixed text to look for in logs. Returns remarks for people; a filter
 * without remarks may still be wrong.
 */
export function lint({ prefregex, failregex, ignoreregex }: LintInput): string[] {
  const remarks: string[] = [];
  if (prefregex) remarks.push(...judge("prefregex", prefregex, false));
  for (const [i, regex] of failregex.entries()) remarks.push(...judge(`failregex ${i + 1}`, regex, true));
  for (const [i, regex] of ignoreregex.entries())
    remarks.push(...judge(`ignoreregex ${i + 1}`, regex, false));
  return remarks;
}

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
/** Longer than any line of a sane log takes. */
const LIMIT_MS = 100;
/** Exponential growth shows in short texts, other in long ones. */
const SIZES = [40, 20_000];
const SHOWN = 120;

function judge(what: string, written: string, isFailRegex: boolean): string[] {
  let expression: Expression;
  try {
    expression = new Expression(written, { useDns: "warn" });
  } catch (error) {
    if (error instanceof RegexError) return [`${what}: ${error.message}`];
    throw error;
  }
  const remarks: string[] = [];
  const slow = slowText(expression);
  if (slow !== null)
    remarks.push(
      `${what}: takes more than ${LIMIT_MS} ms for a line of ${slow.length} characters: ${shown(slow)}`,
    );
  const injected = isFailRegex ? injectedText(expression) : null;
  if (injected !== null)
    remarks.push(`${what}: can take what a stranger writes for the address, as in: ${shown(injected)}`);
  if (isFailRegex && Prefilter.for([expression.required], "start") === null)
    remarks.push(`${what}: has no fixed text, so that no line can be passed over quickly`);
  return remarks;
}

/** A text for which the expression needs very long; `null`: none was found. */
function slowText(expression: Expression): string | null {
  const { root } = parse(expression.text, FLAGS);
  const guard = new TimeGuard();
  for (const size of SIZES) {
    for (const text of attackTexts(root, size)) {
      try {
        if (isSlow(guard, () => void expression.search(text))) return text;
      } catch (error) {
        if (error instanceof PyRegexBudgetError) return text;
        throw error;
      }
    }
  }
  return null;
}

/** A busy machine must not make an expression look slow. */
function isSlow(guard: TimeGuard, work: () => void): boolean {
  for (let limit = LIMIT_MS; limit <= 16 * LIMIT_MS; limit *= 2) {
    const result = guard.run(limit, work);
    if (result !== "starved") return result === "expired";
  }
  return true;
}

/** A line in which another address than the one at its place is found; `null`: none was found. */
function injectedText(expression: Expression): string | null {
  const { root } = parse(expression.text, FLAGS);
  for (const { text, foreign } of injectedTexts(root)) {
    const match = expression.search(`${text}\n`);
    if (match && expression.groups(match)["ip4"] === foreign) return text;
  }
  return null;
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
