import assert from "node:assert/strict";
import { test } from "node:test";
import { shellWords } from "./shell-words.ts";

test("quotes and backslashes", () => {
  const line = `a=b 'c d' + "x\\"y\\z\\\\" '' # k`;
  assert.deepEqual(shellWords(line), ["a=b", "c d", "+", 'x"y\\z\\', "", "#", "k"]);
  assert.deepEqual(shellWords(`e\\ f a'b'c\\\\ "a$b"  \t t`), ["e f", "abc\\", "a$b", "t"]);
  assert.deepEqual(shellWords("  "), []);
});

test("what never ends is refused", () => {
  assert.throws(() => shellWords("a 'b"), { message: "No closing quotation" });
  assert.throws(() => shellWords("a\\"), { message: "No escaped character" });
});
