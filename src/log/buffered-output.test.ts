import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferedOutput } from "./buffered-output.ts";

test("many lines become few pieces, and none is lost", () => {
  const pieces: string[] = [];
  const output = new BufferedOutput((text) => pieces.push(text));
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`);
  for (const line of lines) output.add(line);
  assert.ok(pieces.length > 1 && pieces.length < 10, String(pieces.length));
  output.flush();
  assert.equal(pieces.join(""), lines.join(""));
});

test("nothing is written twice, or when there is nothing", () => {
  const pieces: string[] = [];
  const output = new BufferedOutput((text) => {
    pieces.push(text);
    // As when the program ends because nobody listens.
    output.flush();
  });
  output.flush();
  output.add("x");
  output.flush();
  output.flush();
  assert.deepEqual(pieces, ["x"]);
});
