import assert from "node:assert/strict";
import { test } from "node:test";
import { expandConditionals } from "./expand.ts";
import { parse } from "./parser.ts";
import { print } from "./print.ts";
import { simplify } from "./simplify.ts";

const NO_FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

function expanded(pattern: string): string | null {
  const parsed = parse(pattern, NO_FLAGS);
  const tree = expandConditionals(simplify(parsed.root));
  return tree && print(tree, parsed.groupCount, { unicode: false, swallowNewline: false }).source;
}

const CASES: readonly (readonly [pattern: string, expanded: string | null])[] = [
  ["(a)?b(?(1)c|d)e", "(?:(a)bc|bd)e"],
  ["(a)??b(?(1)c|d)", "bd|(a)bc"],
  ["(a)*b(?(1)c|d)", "(a)+bc|bd"],
  ["x+(?:(a)|y)(?(1)c)z", "x+(?:(a)c|y)z"],
  ["(a)(?(1)b|c)", "(a)b"],
  ["(?(1)b|c)(a)", "c(a)"],
  ["(a)|b(?(1)c|d)", "(a)|bd"],
  ["(x(a)?)y(?(2)b|c)", "(x(a))yb|(x)yc"],
  ["(a)?(b)?(?(1)1|2)(?(2)3|4)", "(a)(?:(b)13|14)|(b)23|24"],
  ["(a)?b\\1c", "(?:(a)b\\1|b[])c"],
  ["(?:(a)b|cd)(e)?(?(2)\\1)", "(a)b(?:(e)\\1|)|cd(?:(e)[]|)"],
  ["(a){0}b(?(1)c|d)", "bd"],
  ["((a){0})b(?(2)c|d)", "()bd"],
  // What comes before has more than one way to match: the order of attempts would change.
  ["(x+(a)?)y(?(2)b|c)", null],
  // The group may be set from an earlier iteration.
  ["(?:(a)?b(?(1)c|d))*", null],
  ["(?:(a)|b)*(?(1)c|d)", null],
];

for (const [pattern, source] of CASES) {
  test(`of ${pattern}`, () => {
    assert.equal(expanded(pattern), source);
  });
}

test("gives up rather than let the pattern explode", () => {
  const groups = Array.from({ length: 14 }, () => "(a)?b").join("");
  const tests = Array.from({ length: 14 }, (_, i) => `(?(${i + 1})c|d)`).join("");
  assert.equal(expanded(groups + tests), null);
});
