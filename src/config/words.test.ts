import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { splitWords, splitWordsWithoutComments } from "./words.ts";

test("golden lists of words", { skip: skipWithout("golden", "replacetag.json") }, () => {
  const golden = JSON.parse(readFileSync(shared("golden", "replacetag.json"), "utf8")) as {
    words: { in: string; out: string[]; out_without_comments: string[] }[];
  };
  for (const { in: text, out, out_without_comments } of golden.words) {
    assert.deepEqual(splitWords(text), out);
    assert.deepEqual(splitWordsWithoutComments(text), out_without_comments);
  }
});
