import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../pyregex/parser.ts";
import { hasAmbiguousRepeat } from "./ambiguous-repeat.ts";

const FLAGS = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
const isAmbiguous = (pattern: string) => hasAmbiguousRepeat(parse(pattern, FLAGS).root);

test("repeats that take a text in many ways", () => {
  for (const pattern of [
    "(a+)+x",
    "(a*)*x",
    String.raw`^(\w+\s?)*$`,
    "(?:a|ab?b)*x(?:c|c)*y",
    "(a|a)*x",
    "^x(?:[^,]+,?)+$",
    "((?:ab)*(?:ab)*)*x",
    "(a{1,100})*x",
    "(a?a?)*x",
  ]) {
    assert.equal(isAmbiguous(pattern), true, pattern);
  }
});

test("repeats that take a text in one way", () => {
  for (const pattern of [
    "a+b+",
    String.raw`^(?:\w+, )*\w+$`,
    "(?:[^,]*,)*x",
    "(?:ab|ac)*x",
    "(?>a+)+x",
    "(?:a++)+x",
    String.raw`(?:\d{1,3}\.){3}\d{1,3}`,
    "(?:(?!x).)*y",
    "(?:a+b)+c",
    "",
  ]) {
    assert.equal(isAmbiguous(pattern), false, pattern);
  }
});
