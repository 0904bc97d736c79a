import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { PyRegexBudgetError, PyRegexError } from "./error.ts";
import { literalsBeforeCut } from "./literals.ts";
import { PatternGenerator } from "./testing/generator.ts";
import { Random } from "./testing/random.ts";

const SEED = Number(process.env["PYREGEX_SEED"] ?? 1);

const CASES: readonly (readonly [pattern: string, literals: readonly string[] | null])[] = [
  ["^Failed (?:password|publickey) for", ["Failed password for", "Failed publickey for"]],
  ["\\S+ closed by \\S+ port \\d+", [" closed by "]],
  ["[Ff]ailed", ["Failed", "failed"]],
  ["(?:error: )?Foo$", ["Foo"]],
  ["a|b\\d+cde", ["a", "cde"]],
  ["(?=.*needle)h", ["needle"]],
  ["(?!needle)h", ["h"]],
  ["(?<=left )\\d", ["left "]],
  ["(abc)+d", ["abc"]],
  ["(?:ab){2}", ["abab"]],
  ["(?:ab){2,}", ["ab"]],
  ["(?:ab)*", null],
  ["(a)?b(?(1)cc|dd)", ["bcc", "bdd"]],
  ["(?i)user-1", ["-1"]],
  ["(?i)user", null],
  ["(?i:u)ser", ["ser"]],
  ["one\\ntwo!", ["two!"]],
  ["\\d+|x", null],
  ["", null],
  ["(?>abc)", ["abc"]],
  ["a\\.b", ["a.b"]],
];

for (const [pattern, literals] of CASES) {
  test(`of ${JSON.stringify(pattern)}`, () => assert.deepEqual(compile(pattern).requiredLiterals, literals));
}

test("a text that matches holds one of the literals, before a cut too", () => {
  const random = new Random(SEED + 3);
  const generator = new PatternGenerator(random);
  let checked = 0;
  for (let i = 0; i < 4000; i++) {
    const pattern = generator.pattern();
    let regex: ReturnType<typeof compile>;
    try {
      regex = compile(pattern, { stepLimit: 100_000 });
    } catch (error) {
      assert.ok(error instanceof PyRegexError);
      continue;
    }
    const literals = regex.requiredLiterals;
    if (!literals) continue;
    const beforeCut = literalsBeforeCut(literals);
    for (let j = 0; j < 5; j++) {
      const subject = generator.subject();
      try {
        if (!regex.search(subject)) continue;
      } catch (error) {
        assert.ok(error instanceof PyRegexBudgetError);
        continue;
      }
      const about = `${pattern} in ${JSON.stringify(subject)}`;
      assert.ok(
        literals.some((literal) => subject.includes(literal)),
        about,
      );
      const at = random.below(subject.length + 1);
      const whole = `${subject.slice(0, at)}2026-11-21${subject.slice(at)}`;
      assert.ok(beforeCut === null || beforeCut.some((literal) => whole.includes(literal)), about);
      checked++;
    }
  }
  assert.ok(checked > 100);
});
