import { pumpedTexts } from "../detect/attack-lines.ts";
import { parse } from "../pyregex/parser.ts";
import { StepCounter } from "../pyregex/step-counter.ts";

/** A text for which a backtracking matcher needs more steps than it should. */
export interface Backtracking {
  readonly text: string;
  /** The same, but as long as the longest lines. */
  readonly long: string;
  /** Steps for the text; {@link MOST_STEPS} stands for as many or more. */
  readonly steps: number;
  /** How many times as many steps a text twice as long needs; `null`: their number grows without bound. */
  readonly growth: number | null;
}

/** Steps after which they are counted no further. */
export const MOST_STEPS = 2_000_000;
/** Repeats of repeats double the steps with each character or so: these are enough to see it. */
const SHORT = 30;
/** Lines of growing length show how steps grow with it. */
const SIZES = [25, 50, 100, 200, 400];
const LONG = 20_000;
/** The square of the length, which is fourfold for a line twice as long, is common, and lines are not that long. */
const TOO_MUCH = 6;
/** No power of the length that matters grows like this. */
const BOUNDLESS = 20;
/** Steps at which growth is plain to see. */
const ENOUGH = 200_000;

/** Looks for texts that make an expression, its tags replaced, backtrack; `null`: none was found. The worst counts. */
export function findBacktracking(expression: string): Backtracking | null {
  const { root } = parse(expression, FLAGS);
  const counter = new StepCounter(expression, FLAGS, MOST_STEPS);
  const long = () => pumpedTexts(root, LONG);
  for (const [kind, text] of pumpedTexts(root, SHORT).entries()) {
    const steps = counter.count(text);
    if (steps >= MOST_STEPS) return { text, long: long()[kind]!, steps, growth: null };
  }
  const sized = SIZES.map((size) => pumpedTexts(root, size));
  const worst = [...sized[0]!.keys()]
    .map((kind) => {
      const texts = sized.map((all) => all[kind]!);
      return { kind, ...growthOf(texts, counter) };
    })
    .reduce((a, b) => (b.growth > a.growth ? b : a), { kind: -1, text: "", steps: 0, growth: TOO_MUCH });
  if (worst.kind < 0) return null;
  const { kind, text, steps, growth } = worst;
  return { text, long: long()[kind]!, steps, growth: growth > BOUNDLESS ? null : growth };
}

/** How the steps for texts of one kind grow, each text twice as long as the one before. */
function growthOf(
  texts: readonly string[],
  counter: StepCounter,
): { text: string; steps: number; growth: number } {
  let last = { text: "", steps: Number.POSITIVE_INFINITY, growth: 0 };
  for (const text of texts) {
    const steps = counter.count(text);
    last = { text, steps, growth: steps / last.steps };
    if (steps >= ENOUGH) break;
  }
  return last;
}

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
