import assert from "node:assert/strict";
import { test } from "node:test";
import { type CompileOptions, compile } from "./compile.ts";
import { PyRegexBudgetError } from "./error.ts";

type Case = readonly [
  pattern: string,
  text: string,
  found: null | readonly (string | null)[],
  options?: CompileOptions,
];

/** Pattern, text, and what is found: the whole match, then the groups. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "ends of text and line": [
    ["a$", "a\n", ["a"]],
    ["a$", "a\n\n", null],
    ["a$\\n", "a\n", ["a\n"]],
    ["a\\s*$", "a \n", ["a \n"]],
    ["(a$)", "a\n", ["a", "a"]],
    ["a$|b", "a\n", ["a"]],
    ["a\\Z", "a\n", null],
    ["\\Ab", "a\nb", null],
    ["^b", "a\nb", null],
    ["^b", "a\nb", ["b"], { multiline: true }],
    ["a$", "a\nb", ["a"], { multiline: true }],
    ["^b", "a\rb", null, { multiline: true }],
    ["(?m:^)b", "a\u2028b", null],
  ],
  "the dot": [
    [".+", "a\r\u2028\nb", ["a\r\u2028"]],
    [".+", "a\nb", ["a\nb"], { dotAll: true }],
    ["(?s:a.)b.", "a\nb\n", null],
    ["^.$", "😀", ["😀"]],
  ],
  categories: [
    ["\\s+", "\x1c\x1d\x85\u00a0\ufeff", ["\x1c\x1d\x85\u00a0"]],
    ["\\S", "\x1f\ufeff", ["\ufeff"]],
    ["\\w+", "é\u0301", ["é"]],
    ["\\w+", "²Ⅷ٣_-", ["²Ⅷ٣_"]],
    ["\\d+", "٣3²", ["٣3"]],
    ["\\d", "٣", null, { ascii: true }],
    ["(?a:\\w)\\w", "éaé", ["aé"]],
    ["\\bé\\b", "aé é", ["é"]],
    ["a\\Bé", "aé", ["aé"]],
    ["\\B", "", null],
    ["[^\\W\\d]+", "1é٣a", ["é"]],
    ["[\\D]+", "1é", ["é"]],
  ],
  "ignored case": [
    ["(?i)straße", "STRAßE", ["STRAßE"]],
    ["(?i)s", "ſ", ["ſ"]],
    ["(?i)k", "\u212a", ["\u212a"]],
    ["(?i)i", "İ", ["İ"]],
    ["(?i)ı", "I", ["I"]],
    ["(?i)[^s]", "ſ", null],
    ["(?i)[à-ü]+", "ÀÜ", ["ÀÜ"]],
    ["(?ia)ſ", "s", null],
    ["(?ia)É", "é", null],
    ["a(?i:b)c", "aBc", ["aBc"]],
    ["(?i)a(?-i:b)", "AB", null],
    ["(?i)(é)\\1", "éÉ", ["éÉ", "é"]],
    ["(?i)(s)\\1", "sſ", null],
    ["(?i)(ab)\\1", "abAB", ["abAB", "ab"]],
  ],
  "groups that took no part": [
    ["(a)|b\\1", "b", null],
    ["(?:(a)|b)\\1", "b", null],
    ["(a)?b\\1", "aba", ["aba", "a"]],
    ["(a)?b\\1", "ba", null],
    ["(['\"])?x(?(1)\\1|,)", "'x'x,", ["'x'", "'"]],
  ],
  conditionals: [
    ["(a)?b(?(1)c|d)", "abc", ["abc", "a"]],
    ["(a)?b(?(1)c|d)", "abd", ["bd", null]],
    ['(?P<q>")?(\\w+)(?(q)")$', '"x"', ['"x"', '"', "x"]],
    ["(<)?(\\w+@\\w+)(?(1)>|$)", "<a@b", ["a@b", null, "a@b"]],
    ["(?:(x)|(y))?z(?(1)1|(?(2)2|3))", "yz2", ["yz2", null, "y"]],
    ["(?:(x)|(y))?z(?(1)1|(?(2)2|3))", "z3", ["z3", null, null]],
    ["(?:(a)|b)+(?(1)c|d)", "abc", ["abc", "a"]],
    ["((?(1)a|b))+", "ba", ["ba", "a"]],
    ["(?(1)a|b)(c)", "bc", ["bc", "c"]],
    ["(a(x)?)b(?(2)c|d)", "axbc", ["axbc", "ax", "x"]],
  ],
  "captures in loops": [
    ["(?:(a)|b)*", "ab", ["ab", "a"]],
    ["(?: user=(\\w+)| ip=(\\d+))+", " ip=1 user=x ip=2", [" ip=1 user=x ip=2", "x", "2"]],
    ["(?:(a)(b)?)*", "aba", ["aba", "a", "b"]],
    ["(a|b)+", "ab", ["ab", "b"]],
    ["(a*)*", "aa", ["aa", ""]],
    ["(a*)*", "b", ["", ""]],
    ["(?:(\\d)x)+\\1", "1x2x2", ["1x2x2", "2"]],
  ],
  "empty iterations": [
    ["(?:|a)*", "a", [""]],
    ["(?:a*|b)*", "ab", ["a"]],
    ["(?:a?)*b", "aab", ["aab"]],
    ["(?=(a))?\\1", "aa", ["a", "a"]],
    ["(?:)*x", "x", ["x"]],
    ["(a?)??b", "ab", ["ab", "a"]],
  ],
  "atomic and possessive": [
    ["a*+a", "aaa", null],
    ["(?>a|ab)c", "abc", null],
    ["(?>ab|a)c", "abc", ["abc"]],
    ["a++b", "aab", ["aab"]],
    ["(?:a|ab){2}+", "aba", null],
    ["(?>(a)|b)1", "a1", ["a1", "a"]],
    ["(?<=(?>ab))c", "abc", ["c"]],
    ["(?>a)1(b)\\1", "a1bb", ["a1bb", "b"]],
  ],
  "look-around": [
    ["(?<=ab)c", "abc", ["c"]],
    ["(?<!a)b", "abb", ["b"]],
    ["(?<=(a)(b))c", "abc", ["c", "a", "b"]],
    ["(?=(\\w+))a", "abc", ["a", "abc"]],
    ["(?<=😀)a", "😀a", ["a"]],
    ["(?!a)*b", "b", ["b"]],
  ],
  "literals and classes": [
    ["[]a]+", "]a]", ["]a]"]],
    ["[^]a]+", "]bc", ["bc"]],
    ["[[&&~~]+", "[&~", ["[&~"]],
    ["[a\\-z]+", "-az", ["-az"]],
    ["[a-]+", "a-", ["a-"]],
    ["a{,2}b", "aaab", ["aab"]],
    ["{}a{x}", "{}a{x}", ["{}a{x}"]],
    ['\\-\\"\\<\\>\\;\\ \\/', '-"<>; /', ['-"<>; /']],
    ["\\x41\\u0042\\103\\0", "ABC\0", ["ABC\0"]],
    ["(a)\\101", "aA", ["aA", "a"]],
    ["[\\b]", "\b", ["\b"]],
    ["[😀-😂]", "😁", ["😁"]],
    ["(?#note)a(?#more)+", "aa", ["aa"]],
    ["(?x) a b # note", "ab", ["ab"]],
    ["(a)(?:\\1)0", "aa0", ["aa0", "a"]],
  ],
};

for (const [topic, cases] of Object.entries(CASES)) {
  test(topic, () => {
    for (const [pattern, text, expected, options] of cases) {
      const match = compile(pattern, options).search(text);
      const found = match && [match.group(0), ...match.groups()];
      assert.deepEqual(found, expected, `${pattern} in ${JSON.stringify(text)}`);
    }
  });
}

test("says what Python says of look-behind of variable width", () => {
  for (const pattern of ["(?<=a+)b", "(?<!ab|c)d", "(a|bc)(?<=\\1)"]) {
    assert.throws(() => compile(pattern), { message: "look-behind requires fixed-width pattern" });
  }
});

test("names the groups", () => {
  const regex = compile("(?P<user>\\w+)(x)?(?P<ip>\\d)?");
  assert.equal(regex.groupCount, 3);
  assert.deepEqual(regex.groupNames, ["user", null, "ip"]);
  assert.deepEqual(
    [...regex.groupIndex],
    [
      ["user", 1],
      ["ip", 3],
    ],
  );
  const match = regex.search("--joe");
  assert.ok(match);
  assert.deepEqual(match.groupDict(), { user: "joe", ip: null });
  assert.deepEqual([match.start, match.end, match.span("user"), match.span(2)], [2, 5, [2, 5], [-1, -1]]);
  assert.throws(() => match.group("nobody"), RangeError);
  assert.throws(() => match.group(4), RangeError);
});

test("gives spans of groups in every way of matching", () => {
  assert.deepEqual(compile("x(a)?(b)$").search("xb\n")?.span(2), [1, 2]);
  assert.deepEqual(compile("(?:(a)|b)+").search("xab")?.span(1), [1, 2]);
  assert.deepEqual(compile("((?(1)a|b))+").search("xba")?.span(1), [2, 3]);
});

test("searches in a window: the end cuts, the start does not", () => {
  assert.equal(compile("^b").search("ab", 1), null);
  assert.equal(compile("(?<=a)b").search("ab", 1)?.start, 1);
  assert.equal(compile("\\bb").search("ab", 1), null);
  assert.equal(compile("a$").search("aab", 0, 2)?.start, 1);
  assert.equal(compile("ab").search("aab", 0, 2), null);
  assert.equal(compile("a").search("a", 5), null);
  assert.equal(compile("").search("a", 5)?.start, 1);
  assert.equal(compile("a").search("aaa", 2, 1), null);
  assert.equal(compile("é").search("aéé", 2)?.start, 2);
  assert.equal(compile("((?(1)a|b))+").search("xba", 2), null);
});

test("searchAscii is search without the look for other characters", () => {
  for (const pattern of ["b+$", "(?:(a)|b)+", "((?(1)a|b))+", "\\B"]) {
    for (const text of ["", "xba\n"]) {
      const regex = compile(pattern);
      assert.deepEqual(regex.searchAscii(text)?.groups(), regex.search(text)?.groups());
      assert.deepEqual(regex.searchAscii(text)?.span(0), regex.search(text)?.span(0));
    }
  }
});

test("match is bound to the start, fullmatch to the end too", () => {
  assert.equal(compile("b").match("ab"), null);
  assert.equal(compile("b").match("ab", 1)?.end, 2);
  assert.equal(compile("a|ab").fullmatch("ab")?.end, 2);
  assert.equal(compile("a$").fullmatch("a\n"), null);
  assert.deepEqual(compile("(?:(a)|b)+").fullmatch("ab")?.groups(), ["a"]);
  assert.deepEqual(compile("((?(1)a|b))+").fullmatch("ba")?.groups(), ["a"]);
});

test("does not find places inside surrogate pairs", () => {
  assert.equal(compile("\\B(?=[^a]*$)").search("😀😀")?.start, 0);
  assert.equal(compile("(?m)$").search("é😀😀 ")?.start, 6);
});

test("leaves the work to the engine wherever that is exact", () => {
  const native = [
    "^a (\\S+)\\s*$",
    "(a)?b(?(1)c|d)",
    "(a)|b\\1",
    "a*+b",
    "(?i)user",
    "(\\w+) \\1",
    "(?:x(a))+",
  ];
  for (const pattern of native) assert.ok(compile(pattern).isNative, pattern);
  for (const pattern of ["(?:(a)|b)*", "((?(1)a|b))+", "(?:|a)*"])
    assert.ok(!compile(pattern).isNative, pattern);
});

test("writes patterns that the engine's linear-time matcher can take", () => {
  assert.equal(compile("^a[b-d]+\\d \\w$").translated, "^a[b-d]+\\d \\w(\\n?)$");
  assert.equal(compile("(?i)a1").translated, "[Aa]1");
  assert.equal(compile("(a)?b(?(1)c|d)").translated, "(a)bc|bd");
  assert.equal(compile("(?:\\d{1,3}:){1,7}").translated, "(?:\\d(?:\\d(?:\\d|)|):){1,7}");
  assert.equal(compile("(?:\\d{2,}?:){9}").translated, "(?:\\d\\d\\d*?:){9}");
  assert.match(compile("(?:(a)|b)*").translated, /captures by the fallback matcher/);
  assert.match(compile("(?:|a)*").translated, /matched by the fallback matcher/);
});

test("the fallback matcher stops after the steps allowed", () => {
  const regex = compile("(?:|a|aa)*(?:|a|aa)*(?:|a|aa)*b", { stepLimit: 1000 });
  assert.throws(() => regex.search("a".repeat(50)), PyRegexBudgetError);
});

test("the fallback matcher takes long texts", () => {
  const text = `${"ab".repeat(50_000)}c`;
  assert.deepEqual(compile("(?:(a)|b)*c").search(text)?.span(1), [99_998, 99_999]);
});
