import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteMatcher, FOUND, NOTHING, UNDECIDED } from "./byte-matcher.ts";
import { compile } from "./compile.ts";
import { PatternGenerator } from "./testing/generator.ts";
import { Random } from "./testing/random.ts";

function matcherFor(pattern: string): ByteMatcher | null {
  const regex = compile(pattern);
  const all = Array.from({ length: regex.groupCount }, (_, group) => group + 1);
  return regex.byteMatcher(all);
}

/** What is found in a text that stands in the midst of another; `null`: nothing. */
function found(
  matcher: ByteMatcher,
  text: string,
  groupCount = 0,
): readonly (string | null)[] | null | "undecided" {
  const before = "x\n";
  const start = before.length;
  const result = matcher.search(Buffer.from(`${before}${text}y: 1`), start, start + text.length);
  if (result === UNDECIDED) return "undecided";
  if (result === NOTHING) return null;
  const groups: (string | null)[] = [String(matcher.end - start)];
  for (let i = 0; i < groupCount; i++) {
    const from = matcher.startOf(i);
    groups.push(from < 0 ? null : text.slice(from - start, matcher.endOf(i) - start));
  }
  return groups;
}

test("finds what the compiled expression finds", (t) => {
  const random = new Random(20_261_121);
  const generator = new PatternGenerator(random);
  const tally = { pairs: 0, notWritable: 0, undecided: 0, matches: 0, invalid: 0 };
  for (let i = 0; i < 6000; i++) {
    const pattern = (random.oneIn(3) ? "^" : "") + generator.pattern();
    let expected: ReturnType<typeof compile>;
    let matcher: ByteMatcher | null;
    try {
      expected = compile(pattern, { stepLimit: 300_000 });
      matcher = matcherFor(pattern);
    } catch {
      tally.invalid++;
      continue;
    }
    if (!matcher) {
      tally.notWritable++;
      continue;
    }
    for (let j = 0; j < 6; j++) {
      const text = generator.subject().replace(/[^\x00-\x7f]/gu, "a");
      const answer = found(matcher, text, expected.groupCount);
      if (answer === "undecided") {
        tally.undecided++;
        continue;
      }
      const match = expected.search(text);
      const wanted = match && [String(match.end), ...match.groups()];
      assert.deepEqual(answer, wanted, `${pattern} in ${JSON.stringify(text)}`);
      tally.pairs++;
      if (match) tally.matches++;
    }
  }
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.pairs > 10_000 && tally.matches > 2000);
});

test("gives up instead of taking long", () => {
  const matcher = matcherFor("^(?:a+)+b")!;
  assert.equal(found(matcher, "a".repeat(40)), "undecided");
  assert.deepEqual(found(matcher, "aab"), ["3"]);
});

test("does not begin with texts that are very long", () => {
  assert.equal(found(matcherFor("^.*b")!, "a".repeat(100_000)), "undecided");
});

test("is not made for patterns with back-references", () => {
  assert.equal(matcherFor("^(a)\\1"), null);
});

test("tells only of wanted groups", () => {
  const matcher = compile("^(a)(b)?(c)").byteMatcher([3])!;
  assert.equal(matcher.search(Buffer.from("abc"), 0, 3), FOUND);
  assert.deepEqual([matcher.end, matcher.startOf(0), matcher.endOf(0)], [3, 2, 3]);
});
