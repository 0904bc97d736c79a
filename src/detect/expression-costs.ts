import type { DateDetector } from "../time/date-detector.ts";
import { Dispatch } from "./dispatch.ts";
import type { Expression } from "./expression.ts";
import type { Prefilter } from "./prefilter.ts";
import { TimeGuard } from "./time-guard.ts";

/** What one part of a filter does with a sample of lines, and how long that takes. */
export interface ExpressionCost {
  readonly kind: "date" | "prefregex" | "failregex" | "ignoreregex";
  /** Its index among those of its kind. */
  readonly index: number;
  /** The expression as the configuration has it; for dates empty. */
  readonly written: string;
  /** Texts of the sample on which it is tried, and that it matches. */
  readonly tried: number;
  readonly matched: number;
  /** Average for one text, in microseconds. */
  readonly microseconds: number;
}

/** The parts of a filter. */
export interface CostedFilter {
  readonly prefilter: Prefilter | null;
  /** One that may be put out of step. */
  readonly detector: DateDetector;
  readonly prefRegex: Expression | null;
  readonly failRegexes: readonly Expression[];
  readonly ignoreRegexes: readonly Expression[];
}

/** Milliseconds that one part is measured for, and after which the whole is given up. */
const MEASURED_MS = 0.3;
const LIMIT_MS = 100;
const WARM_UP = 2;

/**
 * Measures what each part of a filter costs for lines of its log, by doing with them again what the filter does. Takes
 * a few milliseconds; what a hostile line keeps from being measured is left out.
 */
export function expressionCosts(filter: CostedFilter, lines: readonly string[]): ExpressionCost[] {
  const costs: ExpressionCost[] = [];
  new TimeGuard().run(LIMIT_MS, () => {
    const candidates = lines.filter((line) => filter.prefilter?.accepts(line) ?? true);
    const find = (line: string) => filter.detector.find(line) !== null;
    costs.push(measure({ kind: "date", index: 0, written: "", texts: candidates, search: find }));
    for (const step of stepsFor(filter, candidates)) costs.push(measure(step));
  });
  return costs;
}

/** A part of the filter with the texts that reach it. */
interface Step extends Pick<ExpressionCost, "kind" | "index" | "written"> {
  readonly texts: string[];
  readonly search: (text: string) => boolean;
}

function stepsFor(
  { detector, prefRegex, failRegexes, ignoreRegexes }: CostedFilter,
  lines: readonly string[],
): Step[] {
  // The engine has another expression for each of the two.
  const isAscii = lines.every((line) => !/[^\0-\x7f]/.test(line));
  const step = (kind: Step["kind"], expression: Expression, index: number): Step => {
    const search = (text: string) => expression.search(text, isAscii) !== null;
    return { kind, index, written: expression.written, texts: [], search };
  };
  const pref = prefRegex && step("prefregex", prefRegex, 0);
  const fail = failRegexes.map((expression, index) => step("failregex", expression, index));
  const ignore = ignoreRegexes.map((expression, index) => step("ignoreregex", expression, index));
  const dispatch = new Dispatch(failRegexes);
  for (const line of lines) {
    const found = detector.find(line);
    const dated = found ? `${found.before}${found.after}\n` : `${line}\n`;
    pref?.texts.push(dated);
    const text = prefRegex ? contentOf(prefRegex, dated) : dated;
    if (text === null) continue;
    for (const index of dispatch.candidates(text)) {
      if (!dispatch.isPossible(index, text)) continue;
      fail[index]?.texts.push(text);
      if (!failRegexes[index]?.search(text)) continue;
      for (const one of ignore) one.texts.push(text);
      break;
    }
  }
  return [...(pref ? [pref] : []), ...fail, ...ignore];
}

/** What the failregexes are tried on; `null` when the prefregex does not match. */
function contentOf(prefRegex: Expression, text: string): string | null {
  const match = prefRegex.search(text);
  const content = match && prefRegex.hasContent ? match.group("content") : null;
  return match && (content ? `${content}\n` : text);
}

function measure({ kind, index, written, texts, search }: Step): ExpressionCost {
  const tried = texts.length;
  if (tried === 0) return { kind, index, written, tried, matched: 0, microseconds: 0 };
  // The first passes may have to compile.
  for (let pass = 0; pass < WARM_UP; pass++) for (const text of texts) search(text);
  const matched = texts.filter(search).length;
  const begin = performance.now();
  let passes = 0;
  let elapsed = 0;
  while (elapsed < MEASURED_MS) {
    for (const text of texts) search(text);
    passes++;
    elapsed = performance.now() - begin;
  }
  return { kind, index, written, tried, matched, microseconds: (elapsed * 1000) / (passes * tried) };
}
