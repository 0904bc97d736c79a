import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import type { PyNumber } from "./arithmetic.ts";
import { evaluate, parseExpression } from "./expression.ts";
import { ExpressionError } from "./expression-error.ts";
import { standardScope } from "./expression-functions.ts";
import { repr } from "./repr.ts";
import { PyFloat } from "./value.ts";

/** The value as Python prints it, which tells integers, floats and booleans apart; or the error's class. */
function outcome(source: string): string {
  try {
    return repr(evaluate(source, standardScope()));
  } catch (error) {
    if (error instanceof ExpressionError) return error.className;
    throw error;
  }
}

test("integers, floats and booleans are kept apart", () => {
  assert.equal(outcome("2 * 60"), "120");
  assert.equal(outcome("1 / 2"), "0.5");
  assert.equal(outcome("4 / 2"), "2.0");
  assert.equal(outcome("7 // 2"), "3");
  assert.equal(outcome("-7 // 2"), "-4");
  assert.equal(outcome("-7 % 3"), "2");
  assert.equal(outcome("2 ** 10"), "1024");
  assert.equal(outcome("2 ** -1"), "0.5");
  assert.equal(outcome("-2 ** 2"), "-4");
  assert.equal(outcome("2 ** 64"), "18446744073709551616");
  assert.equal(outcome("1 < 2 < 3"), "True");
  assert.equal(outcome("not 1 or 3 and 5"), "5");
  assert.equal(outcome("1_000 + 0x10 + 0b11 + 0o7"), "1026");
  assert.equal(outcome("1.5e3"), "1500.0");
});

test("names come from the scope only, dotted names from nested scopes", () => {
  const scope = { ban: { Time: 600, Count: 3 }, banFactor: new PyFloat(0.5), ...standardScope() };
  const value = (source: string): PyNumber => evaluate(source, scope);
  assert.equal(value("ban.Time * (1<<(ban.Count if ban.Count<20 else 20))"), 4800);
  assert.deepEqual(value("ban.Time * banFactor"), new PyFloat(300));
  assert.equal(value("int(math.pow(2, min(ban.Count, 9)) * ban.Time) % 100000 + abs(-3)"), 4803);
  assert.throws(() => value("ban"), /module/);
  assert.throws(() => value("ban.toString"), { className: "AttributeError" });
  assert.throws(() => value("constructor"), { className: "NameError" });
  assert.throws(() => value("math.exp.constructor"), { className: "AttributeError" });
});

test("unknown names and bad syntax are reported in Python's words", () => {
  assert.throws(() => evaluate("soon"), { message: "name 'soon' is not defined", className: "NameError" });
  assert.throws(() => evaluate("1/0"), { message: "division by zero", className: "ZeroDivisionError" });
  assert.throws(() => parseExpression("ban.Time *", "~inline-conf-expr~"), {
    message: "invalid syntax (~inline-conf-expr~, line 1)",
    className: "SyntaxError",
  });
  assert.throws(() => evaluate(""), { message: "invalid syntax (<string>, line 0)" });
  for (const source of ["__import__('os')", "[1]", "'a'", "lambda: 1", "x := 1", "1;2", "a.", "(1", "1)"]) {
    assert.throws(() => evaluate(source, { a: 1, x: 1 }), ExpressionError, source);
  }
});

test("a syntax error carries what Python clients look for", () => {
  assert.throws(
    () => evaluate("1 fortnight"),
    (error: ExpressionError) => {
      assert.equal(repr(error), "SyntaxError('invalid syntax', ('<string>', 1, 3, '1 fortnight', 1, 12))");
      return true;
    },
  );
});

test("nothing takes unbounded time or depth", () => {
  for (const source of ["9**9**9", "1<<10**9", "(2**9999)**99", "9**99999", "9**9**9**9"]) {
    assert.throws(() => evaluate(source), { className: "OverflowError" }, source);
  }
  assert.throws(() => evaluate("(".repeat(5000)), { className: "SyntaxError" });
  assert.throws(() => evaluate("-".repeat(5000)), { className: "SyntaxError" });
  assert.throws(() => evaluate("1+".repeat(10_000)), { className: "ValueError" });
  assert.equal(evaluate("1>>10**9"), 0);
  assert.equal(evaluate("(-1)**(10**15+1)"), -1);
});

test("any text either has a value or is refused", () => {
  const piece = fc.constantFrom(
    "1",
    "0",
    "2.5",
    " ",
    "(",
    ")",
    "+",
    "-",
    "**",
    "//",
    "%",
    "<",
    "if",
    "else",
    "x",
    "<<",
    ",",
    ".",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join(" ")),
      ),
      (source) => {
        outcome(source);
      },
    ),
  );
});

const python = spawnSync("python3", ["-c", "import sys; print(sys.version_info >= (3, 11))"]);
const noPython =
  String(python.stdout).trim() === "True" ? false : "python3 of version 3.11 or newer is not installed";

test("random expressions have the value that Python gives them", { skip: noPython }, () => {
  const operand = fc.constantFrom("0", "1", "2", "3", "7", "-4", "0.5", "2.0", "-1.5", "10", "True", "1e3");
  const operator = fc.constantFrom(
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "<",
    "<=",
    "==",
    "!=",
    ">",
    "and",
    "or",
    "<<",
    ">>",
    "&",
    "|",
    "^",
  );
  const call = fc.constantFrom(
    "abs",
    "int",
    "float",
    "round",
    "math.floor",
    "math.sqrt",
    "math.exp",
    "bool",
    "not",
    "-",
    "~",
    "+",
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      operand,
      fc.tuple(tie("expression"), operator, tie("expression")).map((parts) => `(${parts.join(" ")})`),
      fc.tuple(call, tie("expression")).map(([name, argument]) => `${name}(${argument})`),
      fc
        .tuple(tie("expression"), tie("expression"), tie("expression"))
        .map(([a, b, c]) => `(${a} if ${b} else ${c})`),
      fc.tuple(operand, fc.constantFrom("0", "2", "3", "-1")).map(([a, b]) => `(${a} ** ${b})`),
    ),
  }));
  const sources = fc.sample(expression, { numRuns: 2000, seed: 20 });
  const program = [
    "import sys, json, math",
    "def value(s):",
    "    try: return repr(eval(s))",
    "    except Exception as e: return type(e).__name__",
    "print(json.dumps([value(s) for s in json.load(sys.stdin)]))",
  ].join("\n");
  const run = spawnSync("python3", ["-W", "ignore", "-c", program], { input: JSON.stringify(sources) });
  const expected = JSON.parse(String(run.stdout)) as string[];
  for (const [i, source] of sources.entries()) {
    // Integers longer than the bound are refused on purpose.
    if (/^-?\d{4000,}$/.test(expected[i]!)) continue;
    assert.equal(outcome(source), expected[i], source);
  }
});
