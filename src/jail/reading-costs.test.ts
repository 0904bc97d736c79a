import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReadingCosts } from "./reading-costs.ts";

test("time, blocks and characters add up; hits are counted for each expression", () => {
  const costs = new ReadingCosts();
  costs.add("one\ntwo\n", 1500);
  costs.addLines(
    [
      { line: "three", time: null },
      { line: ["a", "b", "c"], time: 1 },
    ],
    500,
  );
  costs.addLines([], 500);
  costs.hit(2);
  costs.hit(2);
  assert.deepEqual([costs.seconds, costs.blocks, costs.characters], [2, 2, 16]);
  assert.deepEqual([...costs.found], [undefined, undefined, 2]);
  costs.reset();
  assert.deepEqual(
    [costs.seconds, costs.blocks, costs.characters, costs.found, costs.sample],
    [0, 0, 0, [], []],
  );
});

test("the sample has whole lines, one of each of the last blocks", () => {
  const line = fc.stringMatching(/^[^\n]{1,20}$/);
  fc.assert(
    fc.property(
      fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 300 }),
      (blocks) => {
        const costs = new ReadingCosts();
        for (const lines of blocks) costs.add(lines.map((one) => `${one}\n`).join(""), 0);
        const last = blocks.slice(-128).flat();
        assert.equal(costs.sample.length, Math.min(128, blocks.length));
        assert.ok(costs.sample.every((one) => last.includes(one)));
      },
    ),
  );
});

test("long lines are cut", () => {
  const costs = new ReadingCosts();
  costs.add(`${"x".repeat(5000)}\n`, 0);
  assert.equal(costs.sample[0], "x".repeat(1000));
});
