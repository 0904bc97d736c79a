import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { shared, skipWithout } from "../../test/shared.ts";
import { splitActions } from "./action-list.ts";

test("golden lists", { skip: skipWithout("golden", "replacetag.json") }, () => {
  const golden = JSON.parse(readFileSync(shared("golden", "replacetag.json"), "utf8")) as {
    split: { in: string; out: string[] }[];
  };
  for (const { in: text, out } of golden.split) {
    assert.deepEqual(
      splitActions(text),
      out.map((entry) => entry.trim()),
      text,
    );
  }
});

test("entries end at white space outside of brackets", () => {
  const cases: [string, string[]][] = [
    ['a[x=1,\n  y="p q"] [z=3 4]\nb', ['a[x=1,\n  y="p q"] [z=3 4]', "b"]],
    ["a[chain?family=inet6=SIX, name=nn] b", ["a[chain?family=inet6=SIX, name=nn]", "b"]],
    ["a[x=1, ]\n b[]", ["a[x=1, ]", "b[]"]],
    ["a[x='1 2]", ["a[x='1 2]"]],
  ];
  for (const [text, entries] of cases) assert.deepEqual(splitActions(text), entries);
});

test("what is not well-formed is split at white space", () => {
  const cases: [string, string[]][] = [
    ["a[x y]", ["a[x", "y]"]],
    ["a[x=1] [y=2]z q", ["a[x=1]", "[y=2]z", "q"]],
    ["[x=1 2] a", ["[x=1", "2]", "a"]],
    ["a[x=1 2]b", ["a[x=1", "2]b"]],
    ["a[x=1 2][", ["a[x=1", "2]["]],
  ];
  for (const [text, entries] of cases) assert.deepEqual(splitActions(text), entries);
});

test("entries hold every visible character of the text, in order", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab[]=,\"' \n"), maxLength: 60 });
  fc.assert(
    fc.property(text, (input) => {
      assert.equal(splitActions(input).join("").replace(/\s/g, ""), input.replace(/\s/g, ""));
    }),
  );
});
