import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { PyRegexBudgetError, PyRegexError } from "./error.ts";
import { Machine } from "./machine.ts";
import { parse } from "./parser.ts";
import { assemble } from "./program.ts";
import { simplify } from "./simplify.ts";
import { PatternGenerator } from "./testing/generator.ts";
import { Random } from "./testing/random.ts";

const SEED = Number(process.env["PYREGEX_SEED"] ?? 1);
const PATTERNS = 1500;
const STEP_LIMIT = 200_000;
const NO_FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

function machineFor(pattern: string, stepLimit = STEP_LIMIT): Machine {
  const parsed = parse(pattern, NO_FLAGS);
  return new Machine(assemble(simplify(parsed.root), parsed.groupCount), pattern, stepLimit);
}

test("gives start and end of the match and the groups", () => {
  assert.deepEqual(machineFor("(a)(x)?b").run("-ab", 0, "search"), [1, 3, 1, 2, -1, -1]);
  assert.equal(machineFor("b").run("ab", 0, "match"), null);
  assert.deepEqual(machineFor("a|ab").run("ab", 0, "fullmatch"), [0, 2]);
});

test("tries an anchored pattern only once", () => {
  const anchored = machineFor("^(?:x)?b", 50);
  assert.equal(anchored.run("a".repeat(1000), 0, "search"), null);
  assert.throws(() => machineFor("(?:x)?b", 50).run("a".repeat(1000), 0, "search"), PyRegexBudgetError);
});

test("counts the steps of runs and references too", () => {
  assert.throws(() => machineFor("a*b", 100).run("a".repeat(1000), 0, "match"), PyRegexBudgetError);
  assert.throws(
    () => machineFor("(a+)-\\1", 1500).run(`${"a".repeat(1000)}-${"a".repeat(1000)}`, 0, "match"),
    PyRegexBudgetError,
  );
});

test("agrees with the engine wherever that is used", () => {
  const generator = new PatternGenerator(new Random(SEED + 2));
  let compared = 0;
  for (let i = 0; i < PATTERNS; i++) {
    const pattern = generator.pattern();
    let regex: ReturnType<typeof compile>;
    try {
      regex = compile(pattern, { stepLimit: STEP_LIMIT });
    } catch (error) {
      assert.ok(error instanceof PyRegexError);
      continue;
    }
    const machine = machineFor(pattern);
    for (let j = 0; j < 4; j++) {
      const subject = generator.subject();
      try {
        const match = regex.search(subject);
        const spans = match && [match.span(0), ...match.groups().map((_, k) => match.span(k + 1))].flat();
        assert.deepEqual(
          spans,
          machine.run(subject, 0, "search"),
          `${pattern} in ${JSON.stringify(subject)}`,
        );
        compared++;
      } catch (error) {
        if (!(error instanceof PyRegexBudgetError)) throw error;
      }
    }
  }
  assert.ok(compared > PATTERNS);
});
