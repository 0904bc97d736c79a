import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../pyregex/parser.ts";
import { isImpossible } from "./impossible.ts";

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
const cannotMatch = (pattern: string) => isImpossible(parse(pattern, FLAGS).root);

test("expressions that no text matches", () => {
  for (const pattern of [
    "foo ^bar",
    "a$b",
    "(?:x|y)^z",
    String.raw`[^\s\S]`,
    "(?:a^|$b)c",
    String.raw`a\Zb`,
    ".+^",
  ]) {
    assert.equal(cannotMatch(pattern), true, pattern);
  }
});

test("expressions that some text matches", () => {
  for (const pattern of [
    "^a$",
    "(?:a|^)b",
    "a?^b",
    String.raw`a$\n`,
    "(?:a$|b)c",
    "^^a$$",
    "",
    "(?=a)^a",
    "(?:a^)?b",
  ]) {
    assert.equal(cannotMatch(pattern), false, pattern);
  }
});
