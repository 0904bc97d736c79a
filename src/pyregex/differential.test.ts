import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, type PyMatch } from "./compile.ts";
import { PyRegexBudgetError, PyRegexError } from "./error.ts";
import { PatternGenerator } from "./testing/generator.ts";
import { askPython, type PythonMatch, type Question, skipWithoutPython } from "./testing/python.ts";
import { Random } from "./testing/random.ts";

/** Other seeds and amounts: `PYREGEX_SEED=7 PYREGEX_PATTERNS=20000`. */
const SEED = Number(process.env["PYREGEX_SEED"] ?? 1);
const PATTERNS = Number(process.env["PYREGEX_PATTERNS"] ?? 1200);
const SUBJECTS_EACH = 6;
/** Patterns that explode are no use to compare; they do so in Python too. */
const STEP_LIMIT = 300_000;

/** Our answer in Python's terms: code points instead of UTF-16 units. */
function inCodePoints(match: PyMatch | null, text: string): PythonMatch {
  if (!match) return null;
  const place = (at: number) => [...text.slice(0, at)].length;
  return { span: [place(match.start), place(match.end)], groups: match.groups() };
}

function ourError(pattern: string): string | null {
  try {
    compile(pattern);
    return null;
  } catch (error) {
    if (error instanceof PyRegexError) return error.message;
    throw error;
  }
}

test("agrees with Python on matches, spans and groups", { skip: skipWithoutPython() }, (t) => {
  const random = new Random(SEED);
  const generator = new PatternGenerator(random);
  const questions: Question[] = Array.from({ length: PATTERNS }, () => ({
    pattern: generator.pattern(),
    subjects: Array.from({ length: SUBJECTS_EACH }, () => generator.subject()),
  }));
  const answers = askPython(questions);
  const tally = { pairs: 0, invalid: 0, native: 0, exploded: 0 };
  for (const [i, { pattern, subjects }] of questions.entries()) {
    const answer = answers[i]!;
    if ("error" in answer) {
      assert.equal(ourError(pattern), answer.error, `error of ${pattern}`);
      tally.invalid++;
      continue;
    }
    const regex = compile(pattern, { stepLimit: STEP_LIMIT });
    if (regex.isNative) tally.native++;
    for (const [j, subject] of subjects.entries()) {
      try {
        const ours = inCodePoints(regex.search(subject), subject);
        assert.deepEqual(ours, answer.results[j], `${pattern} in ${JSON.stringify(subject)}, seed ${SEED}`);
        tally.pairs++;
      } catch (error) {
        if (!(error instanceof PyRegexBudgetError)) throw error;
        tally.exploded++;
      }
    }
  }
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.exploded < tally.pairs / 100);
});

test("agrees with Python on what is wrong with a pattern", { skip: skipWithoutPython() }, () => {
  const generator = new PatternGenerator(new Random(SEED + 1));
  const questions: Question[] = Array.from({ length: 4 * PATTERNS }, () => ({
    pattern: generator.garbage(),
    subjects: [],
  }));
  for (const [i, answer] of askPython(questions).entries()) {
    const { pattern } = questions[i]!;
    assert.equal(ourError(pattern), "error" in answer ? answer.error : null, `error of ${pattern}`);
  }
});
