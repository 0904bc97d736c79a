import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "./compile.ts";

test("a branch that ends with a text is tried only where the text is to come", () => {
  const guarded = compile("^(?P<a>x)?(?P<user>(?P<set>\\S+)|[^:]+) from (?!y)\\d+(?(set): |$)");
  assert.match(guarded.translated, /\(\?=\[\^\]\*\?: \)/);
  for (const [text, user] of [
    ["bob from 12", "bob"],
    ["bob from 12: ", "bob"],
    ["bob smith from 12", "bob smith"],
    ["bob smith from 12: ", undefined],
    ["bob from 1: from 12", "bob"],
  ] as const) {
    assert.equal(guarded.search(text)?.group("user"), user, text);
  }
});

test("expressions that the engine can match in linear time stay so", () => {
  const source = compile("^(?P<user>(?P<set>\\S+)|[^:]+) from \\d+(?(set): |$)").translated;
  assert.doesNotMatch(source, /\(\?=/);
});
