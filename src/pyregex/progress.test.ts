import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { searchProgress } from "./progress.ts";
import { PatternGenerator } from "./testing/generator.ts";
import { Random } from "./testing/random.ts";

/** The pattern and the text with `|` where they part; `null`: the whole pattern matches. */
function parting(pattern: string, text: string): [string, string, string] | null {
  const progress = searchProgress(pattern, text);
  if (!progress) return null;
  const { patternEnd, next, textEnd } = progress;
  return [
    `${pattern.slice(0, patternEnd)}|${pattern.slice(patternEnd)}`,
    `${text.slice(0, textEnd)}|${text.slice(textEnd)}`,
    pattern.slice(...next),
  ];
}

const CASES: readonly (readonly [pattern: string, text: string, ...string[]])[] = [
  ["^Failed \\S+ for bob$", "Failed key for rob", "^Failed \\S+ for |bob$", "Failed key for |rob", "bob"],
  ["^Failed$", "Faint", "^Fai|led$", "Fai|nt", "led"],
  ["^a b$", "a b c", "^a b|$", "a b| c", "$"],
  // Letters of the text are somewhere behind `.*`, but that says nothing.
  ["^u .* from x", "u or f, r", "^u .*| from x", "u or f, r|", " from x"],
  ["from \\d+", "no such word", "|from \\d+", "|no such word", "from "],
  ["^(?:cat|dog) (?P<n>\\d+)!", "dog 12?", "^(?:cat|dog) (?P<n>\\d+)|!", "dog 12|?", "!"],
  ["^x (?:cat|dig) y", "x dog y", "^x (?:cat|d|ig) y", "x d|og y", "ig"],
  ["^(?:\\d{1,3}\\.){3}\\d+$", "192.0.x", "^(?:|\\d{1,3}\\.){3}\\d+$", "192.0.|x", "\\d{1,3}"],
  ["^a+b{3}c", "aabbc", "^a+|b{3}c", "aabb|c", "b{3}"],
  ["^(a)?(?(1)bc|de)f", "abd", "^(a)?(?(1)b|c|de)f", "ab|d", "c"],
  ["^(a)?(?(1)bc|de)f", "dx", "^(a)?(?(1)bc|d|e)f", "d|x", "e"],
  ["^(?=abc)a", "abd", "^(?=ab|c)a", "ab|d", "c"],
  ["^a(?!b)c", "ab", "^a|(?!b)c", "a|b", "(?!b)"],
  ["^(\\w)x\\1", "axb", "^(\\w)x|\\1", "ax|b", "\\1"],
  ["^é😀(?:ö)x", "é😀öy", "^é😀(?:ö)|x", "é😀ö|y", "x"],
  ["(?x) ^ a # first\n b", "ac", "(?x) ^ a # first\n |b", "a|c", "b"],
  ["one|two", "twin", "one|tw|o", "tw|in", "o"],
  ["(?i)^ABC", "abd", "(?i)^AB|C", "ab|d", "C"],
];

for (const [pattern, text, ...expected] of CASES) {
  test(`${pattern} on ${text}`, () => assert.deepEqual(parting(pattern, text), expected));
}

test("there is nothing to tell when the pattern matches", () => {
  assert.equal(parting("a(b|c)+$", "xabcb\n"), null);
});

test("of random patterns those that match no text make progress in it, and only those", () => {
  const generator = new PatternGenerator(new Random(20261121));
  let failed = 0;
  for (let i = 0; i < 3000; i++) {
    const pattern = generator.pattern();
    const text = generator.subject();
    let matches: boolean;
    try {
      matches = compile(pattern, { stepLimit: 10_000 }).search(text) !== null;
    } catch {
      continue;
    }
    const progress = searchProgress(pattern, text);
    assert.equal(progress === null, matches, JSON.stringify([pattern, text]));
    if (!progress) continue;
    failed++;
    const { patternEnd, next, textStart, textEnd } = progress;
    const places = [0, patternEnd, next[0], next[1], pattern.length];
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      JSON.stringify([pattern, text, progress]),
    );
    assert.ok(0 <= textStart && textStart <= textEnd && textEnd <= text.length);
  }
  assert.ok(failed > 500, `${failed}`);
});

test("a text on which an attempt takes too long is given up", () => {
  assert.equal(searchProgress("^(?:(?:a|a)+)+b(?=c)", `${"a".repeat(60)}d`), null);
});
