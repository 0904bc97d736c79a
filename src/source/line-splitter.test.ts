import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LineSplitter } from "./line-splitter.ts";

function split(pieces: readonly Buffer[], longestLine?: number) {
  let text = "";
  const skipped: number[] = [];
  const splitter = new LineSplitter({
    onLines: (lines) => {
      assert.equal(lines.at(-1), 0x0a);
      text += lines.toString("latin1");
    },
    onSkipped: (bytes) => skipped.push(bytes),
    ...(longestLine === undefined ? {} : { longestLine }),
  });
  for (const piece of pieces) splitter.push(piece);
  return { text: () => text, skipped, end: () => splitter.end() };
}

test("lines come whole, wherever the stream is cut; the last one at its end", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,6}$/)), (parts) => {
      const all = parts.join("");
      const result = split(parts.map((part) => Buffer.from(part)));
      assert.equal(result.text(), all.slice(0, all.lastIndexOf("\n") + 1));
      result.end();
      assert.equal(result.text(), all === "" || all.endsWith("\n") ? all : `${all}\n`);
    }),
  );
});

test("a line that is too long is skipped whole, its neighbours are not", () => {
  const long = "x".repeat(50);
  const { text, skipped } = split(
    ["a\nb", long, long, "c\nd\n"].map((part) => Buffer.from(part)),
    60,
  );
  assert.equal(text(), "a\nd\n");
  assert.deepEqual(skipped, [102]);
});
