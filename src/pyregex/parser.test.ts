import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PyRegexError } from "./error.ts";
import type { Flags } from "./flags.ts";
import { parse } from "./parser.ts";
import { simplify } from "./simplify.ts";

const NO_FLAGS: Flags = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };

const ERRORS: readonly (readonly [pattern: string, message: string])[] = [
  ["a(b", "missing ), unterminated subpattern at position 1"],
  ["a)b", "unbalanced parenthesis at position 1"],
  ["ab[c", "unterminated character set at position 2"],
  ["[", "unterminated character set at position 0"],
  ["[]", "unterminated character set at position 0"],
  ["x[b-a]", "bad character range b-a at position 2"],
  ["[\\d-z]", "bad character range \\d-z at position 1"],
  ["*a", "nothing to repeat at position 0"],
  ["(+)", "nothing to repeat at position 1"],
  ["^*", "nothing to repeat at position 1"],
  ["a\\b?", "nothing to repeat at position 3"],
  ["a**", "multiple repeat at position 2"],
  ["a{2}{3}", "multiple repeat at position 4"],
  ["a*???", "multiple repeat at position 3"],
  ["a{3,2}", "min repeat greater than max repeat at position 2"],
  ["a\\", "bad escape (end of pattern) at position 1"],
  ["a\\q", "bad escape \\q at position 1"],
  ["[\\Z]", "bad escape \\Z at position 1"],
  ["\\x1", "incomplete escape \\x1 at position 0"],
  ["\\u123", "incomplete escape \\u123 at position 0"],
  ["\\U00110000", "bad escape \\U00110000 at position 0"],
  ["\\777", "octal escape value \\777 outside of range 0-0o377 at position 0"],
  ["(a)\\2", "invalid group reference 2 at position 4"],
  ["(a\\1)", "cannot refer to an open group at position 2"],
  ["(?P<n>a)(?P<n>b)", "redefinition of group name 'n' as group 2; was group 1 at position 12"],
  ["(?P<1n>a)", "bad character in group name '1n' at position 4"],
  ["(?P<>a)", "missing group name at position 4"],
  ["(?P<n", "missing >, unterminated name at position 4"],
  ["(?P=n)", "unknown group name 'n' at position 4"],
  ["(?Px)", "unknown extension ?Px at position 1"],
  ["(?<n>a)", "unknown extension ?<n at position 1"],
  ["(?;a)", "unknown extension ?; at position 1"],
  ["(?", "unexpected end of pattern at position 2"],
  ["(?#abc", "missing ), unterminated comment at position 0"],
  ["(?(1)a|b", "missing ), unterminated subpattern at position 0"],
  ["(?(0)a|b)", "bad group number at position 3"],
  ["(?(n)a|b)", "unknown group name 'n' at position 3"],
  ["(?(2)a|b)(c)", "invalid group reference 2 at position 3"],
  ["(a)(?(1)b|c|d)", "conditional backref with more than two branches at position 11"],
  ["a(?i)b", "global flags not at the start of the expression at position 1"],
  ["(?i-", "missing flag at position 4"],
  ["(?iq)", "unknown flag at position 3"],
  ["(?i-i:a)", "bad inline flags: flags turned on and off at position 5"],
  ["(?au:a)", "bad inline flags: flags 'a', 'u' and 'L' are incompatible at position 4"],
  ["(?L)a", "bad inline flags: cannot use 'L' flag with a str pattern at position 3"],
  ["(?-a:b)", "bad inline flags: cannot turn off flags 'a', 'u' and 'L' at position 4"],
  ["(a)(?<=\\1(b)\\2)", "cannot refer to group defined in the same lookbehind subpattern at position 14"],
  ["a\n(b", "missing ), unterminated subpattern at position 2 (line 2, column 1)"],
  ["😀[", "unterminated character set at position 1"],
];

for (const [pattern, message] of ERRORS) {
  test(`refuses ${JSON.stringify(pattern)}`, () => {
    assert.throws(() => parse(pattern, NO_FLAGS), { name: "PyRegexError", message });
  });
}

test("refuses \\N{…} with a reason of its own", () => {
  assert.throws(() => parse("a\\N{BULLET}", NO_FLAGS), /not supported.* at position 1$/);
});

test("an error carries reason, pattern and position", () => {
  try {
    parse("ab[c", NO_FLAGS);
    assert.fail();
  } catch (error) {
    assert.ok(error instanceof PyRegexError);
    assert.deepEqual(
      [error.reason, error.pattern, error.position],
      ["unterminated character set", "ab[c", 2],
    );
  }
});

test("resolves flags where they apply", () => {
  const folds = (pattern: string) => {
    const root = simplify(parse(pattern, NO_FLAGS).root);
    assert.ok(root.type === "sequence");
    return root.items.map((item) => (item.type === "char" ? item.fold : item.type));
  };
  assert.deepEqual(folds("a(?i:b(?-i:c)d)e"), ["none", "unicode", "none", "unicode", "none"]);
  assert.deepEqual(folds("(?i)a(?a:b)"), ["unicode", "ascii"]);
});

test("reads the whole pattern again when (?x) stands at its start", () => {
  const plain = (pattern: string) => simplify(parse(pattern, NO_FLAGS).root);
  assert.deepEqual(plain("(?x) a b # note\n [ #]\\ "), plain("ab[ #]\\ "));
  assert.deepEqual(plain("a(?x: b ) c"), plain("ab c"));
});

test("reads a brace that begins no quantifier as itself", () => {
  const plain = (pattern: string) => simplify(parse(pattern, NO_FLAGS).root);
  for (const brace of ["{}", "{a}", "{1", "{1,2", "{1;2}"]) {
    assert.deepEqual(plain(`x${brace}`), plain(`x${brace.replace("{", "\\{").replace("}", "\\}")}`));
  }
});

test("any text is either parsed or refused with a PyRegexError", () => {
  const syntax = fc.constantFrom(..."()[]{}*+?|\\^$.-:=!<>P#,1280abixLq\n", "(?", "(?P<", "é", "😀");
  fc.assert(
    fc.property(fc.array(syntax, { maxLength: 12 }), (parts) => {
      try {
        parse(parts.join(""), NO_FLAGS);
      } catch (error) {
        assert.ok(error instanceof PyRegexError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
