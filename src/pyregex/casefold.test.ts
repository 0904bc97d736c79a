import assert from "node:assert/strict";
import { test } from "node:test";
import { caseVariants, foldAscii, foldRanges, simpleLower } from "./casefold.ts";
import { normalize } from "./charset.ts";

const variantsOf = (char: string) =>
  caseVariants(char.codePointAt(0)!)
    .map((codePoint) => String.fromCodePoint(codePoint))
    .sort();

test("knows which characters Python takes for the same", () => {
  assert.deepEqual(variantsOf("a"), ["A", "a"]);
  assert.deepEqual(variantsOf("s"), ["S", "s", "ſ"]);
  assert.deepEqual(variantsOf("ſ"), ["S", "s", "ſ"]);
  assert.deepEqual(variantsOf("i"), ["I", "i", "İ", "ı"]);
  assert.deepEqual(variantsOf("\u212a"), ["K", "k", "\u212a"]);
  assert.deepEqual(variantsOf("µ"), ["µ", "Μ", "μ"]);
  assert.deepEqual(variantsOf("ß"), ["ß", "ẞ"]);
  assert.deepEqual(variantsOf("𐐀"), ["𐐀", "𐐨"]);
  assert.deepEqual(variantsOf("1"), ["1"]);
});

test("folds ranges", () => {
  assert.deepEqual(normalize(foldAscii([[0x58, 0x62]])), [
    [0x41, 0x42],
    [0x58, 0x62],
    [0x78, 0x7a],
  ]);
  const folded = foldRanges([[0x73, 0x73]]).flat();
  assert.ok(folded.includes(0x53) && folded.includes(0x17f));
});

test("finds all variants of each ASCII character, also those that lie beyond ASCII", () => {
  for (let codePoint = 0; codePoint < 0x80; codePoint++) {
    const expected = normalize(caseVariants(codePoint).map((c) => [c, c] as const));
    assert.deepEqual(normalize(foldRanges([[codePoint, codePoint]])), expected);
  }
});

test("lowers as Python's matcher does: one character stays one", () => {
  assert.equal(simpleLower(0x41), 0x61);
  assert.equal(simpleLower(0x130), 0x69);
  assert.equal(simpleLower(0x3a3), 0x3c3);
});
