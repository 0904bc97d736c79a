import type { FilterDefinition } from "../config/filter-definition.ts";
import { Expression, requireIdentifier } from "../detect/expression.ts";
import { RegexError } from "../detect/regex-error.ts";
import type { UseDns } from "../detect/tags.ts";
import { PyRegexError } from "../pyregex/error.ts";
import { parse } from "../pyregex/parser.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError } from "../pyvalue/value.ts";
import { ManualClock } from "../time/clock.ts";
import { DateDetector } from "../time/date-detector.ts";
import { hasAmbiguousRepeat } from "./ambiguous-repeat.ts";
import { isImpossible } from "./impossible.ts";

/** What is wrong with one option of a filter. */
export interface ExpressionProblem {
  readonly option: "prefregex" | "failregex" | "ignoreregex" | "datepattern";
  readonly message: string;
}

/** Compiles all expressions and date patterns of a filter as a server would, and looks for those that are hopeless or dangerous. */
export function expressionProblems(filter: FilterDefinition): ExpressionProblem[] {
  const useDns = readUseDns(filter.usedns);
  const problems: ExpressionProblem[] = [];
  const compile = (option: ExpressionProblem["option"], text: string, isMultiline = false) => {
    const checked = checkExpression(text, useDns, isMultiline);
    for (const message of checked.messages) problems.push({ option, message });
    return checked.expression;
  };
  const prefregex = filter.prefregex ? compile("prefregex", filter.prefregex) : null;
  const isMultiline = (filter.maxlines ?? 1) > 1;
  for (const text of filter.failregex) {
    const expression = compile("failregex", text, isMultiline);
    if (expression === null) continue;
    const missing = attempt(() => requireIdentifier(expression, prefregex));
    if (missing !== null)
      problems.push({ option: "failregex", message: `${missing}; write <HOST>, <ADDR> or <F-ID>` });
  }
  for (const text of filter.ignoreregex) compile("ignoreregex", text);
  const wrongDate = filter.datepattern === undefined ? null : datePatternProblem(filter.datepattern);
  if (wrongDate !== null) problems.push({ option: "datepattern", message: wrongDate });
  return problems;
}

function checkExpression(
  text: string,
  useDns: UseDns,
  multiline: boolean,
): { expression: Expression | null; messages: string[] } {
  let expression: Expression | null = null;
  const wrong = attempt(() => {
    expression = new Expression(text, { useDns, multiline });
  });
  if (expression === null || wrong !== null) return { expression: null, messages: [wrong ?? ""] };
  const { root } = parse((expression as Expression).text, { ...NO_FLAGS, multiline });
  const messages: string[] = [];
  if (isImpossible(root)) messages.push(`No line can match '${text}'`);
  if (hasAmbiguousRepeat(root)) {
    messages.push(
      `A repeat in '${text}' contains another and can take the same text in many ways: a line made for it costs time without end`,
    );
  }
  return { expression, messages };
}

const NO_FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

function datePatternProblem(pattern: string): string | null {
  const clock = new ManualClock(0);
  return attempt(() => {
    const detector = new DateDetector({ clock });
    detector.setPattern(pattern);
    detector.requireCompilable();
  });
}

/** The message of a known error; `null` when there is none. */
function attempt(step: () => void): string | null {
  try {
    step();
    return null;
  } catch (error) {
    if (error instanceof PyError) return str(error);
    if (error instanceof RegexError || error instanceof PyRegexError) return error.message;
    throw error;
  }
}

function readUseDns(text: string | undefined): UseDns {
  const mode = text?.toLowerCase();
  return mode === "yes" || mode === "no" || mode === "raw" ? mode : "warn";
}
