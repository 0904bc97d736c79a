import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, type PyRegex } from "./compile.ts";
import { PyRegexBudgetError, PyRegexError } from "./error.ts";
import { PatternGenerator } from "./testing/generator.ts";
import {
  askPython,
  type Call,
  type PythonMatch,
  type Question,
  skipWithoutPython,
} from "./testing/python.ts";
import { Random } from "./testing/random.ts";

/** Other seeds and amounts: `PYREGEX_SEED=7 PYREGEX_PATTERNS=20000`. */
const SEED = Number(process.env["PYREGEX_SEED"] ?? 1);
const PATTERNS = Number(process.env["PYREGEX_PATTERNS"] ?? 1200);
const CALLS_EACH = 6;
/** Patterns that explode are no use to compare; they do so in Python too. */
const STEP_LIMIT = 300_000;

/** A call on a random text: mostly a search in all of it. */
function randomCall(random: Random, generator: PatternGenerator): Call {
  const text = generator.subject();
  const length = [...text].length;
  if (!random.oneIn(3)) return { kind: "search", text, start: 0, end: length };
  const kind = random.pick(["search", "match", "fullmatch"] as const);
  const start = random.below(length + 1);
  return { kind, text, start, end: start + random.below(length + 2 - start) };
}

/** Our answer in Python's terms: code points instead of UTF-16 units. */
function ourAnswer(regex: PyRegex, { kind, text, start, end }: Call): PythonMatch {
  const characters = [...text];
  const unit = (place: number) => characters.slice(0, place).join("").length;
  const match = regex[kind](text, unit(start), unit(end));
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
    calls: Array.from({ length: CALLS_EACH }, () => randomCall(random, generator)),
  }));
  const answers = askPython(questions);
  const tally = { pairs: 0, invalid: 0, native: 0, exploded: 0 };
  for (const [i, { pattern, calls }] of questions.entries()) {
    const answer = answers[i]!;
    if ("error" in answer) {
      assert.equal(ourError(pattern), answer.error, `error of ${pattern}`);
      tally.invalid++;
      continue;
    }
    const regex = compile(pattern, { stepLimit: STEP_LIMIT });
    if (regex.isNative) tally.native++;
    for (const [j, call] of calls.entries()) {
      try {
        const about = `${pattern} ${JSON.stringify(call)}, seed ${SEED}`;
        assert.deepEqual(ourAnswer(regex, call), answer.results[j], about);
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
    calls: [],
  }));
  for (const [i, answer] of askPython(questions).entries()) {
    const { pattern } = questions[i]!;
    assert.equal(ourError(pattern), "error" in answer ? answer.error : null, `error of ${pattern}`);
  }
});
