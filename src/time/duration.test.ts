import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { shared, skipWithout } from "../../test/shared.ts";
import { ExpressionError } from "../pyvalue/expression-error.ts";
import { parseDuration } from "./duration.ts";

interface ParseCase {
  readonly in: string | number;
  readonly out?: number;
  readonly type?: string;
  readonly error?: string;
  readonly error_class?: string;
  /** The reference accepts this text only because it runs it as a program. */
  readonly accident?: boolean;
}

function cases(): readonly ParseCase[] {
  return JSON.parse(readFileSync(shared("golden/str2sec.json"), "utf8")).cases;
}

test("time values are read as the reference reads them", { skip: skipWithout("golden/str2sec.json") }, () => {
  for (const c of cases()) {
    if (c.accident) continue;
    if (c.error !== undefined) {
      const expected = { message: c.error, className: c.error_class };
      assert.throws(() => parseDuration(c.in), expected, String(c.in));
    } else {
      const expected = { seconds: c.out, isFloat: c.type === "float" };
      assert.deepEqual(parseDuration(c.in), expected, String(c.in));
    }
  }
});

test("program text is refused", { skip: skipWithout("golden/str2sec.json") }, () => {
  for (const c of cases()) {
    // A choice is part of the expressions of formulas; it does no harm here.
    if (!c.accident || c.in === "1 if 1 else 2") continue;
    assert.throws(() => parseDuration(c.in), ExpressionError, String(c.in));
  }
});

test("units are read in any case and joined without blanks", () => {
  assert.deepEqual(parseDuration("1W2D3H4M5S"), { seconds: 788645, isFloat: false });
  assert.deepEqual(parseDuration("1y6mo"), { seconds: 47336400, isFloat: true });
  assert.throws(() => parseDuration("1 2 3"), /invalid syntax/);
});

test("any text either is a length of time or is refused", () => {
  const part = fc.constantFrom(
    "1",
    "23",
    "d",
    "mo",
    "h",
    " ",
    "-",
    "+",
    "*",
    "(",
    ")",
    "year",
    ".",
    "x",
    "٣",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          assert.equal(typeof parseDuration(text).seconds, "number");
        } catch (error) {
          assert.ok(error instanceof ExpressionError, String(error));
        }
      },
    ),
  );
});

test("plain times are read as they would be as parts of an expression", () => {
  const units = fc.constantFrom("", "s", "m", "h", "d", "w", "mo", "y");
  fc.assert(
    fc.property(fc.nat(999_999_999), units, (number, unit) => {
      assert.deepEqual(parseDuration(`${number}${unit}`), parseDuration(`0+${number}${unit}`));
    }),
  );
});
