import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pace } from "./pace.ts";

/** Runs as many as the pace allows, several times; gives the sizes. */
function sizes(pace: Pace, secondsOf: (count: number) => number, runs: number): number[] {
  return Array.from({ length: runs }, () => {
    pace.ran(pace.size, secondsOf(pace.size), true);
    return pace.size;
  });
}

const transactions = () => new Pace({ first: 1024, largest: 32_768, hasFixedCost: true });

describe("Pace", () => {
  it("grows while runs are quick, faster while they take next to nothing", () => {
    assert.deepEqual(
      sizes(transactions(), () => 0.01, 4),
      [4096, 16_384, 32_768, 32_768],
    );
    assert.deepEqual(
      sizes(transactions(), () => 0.1, 2),
      [2048, 4096],
    );
  });

  it("stays below what is slow when time grows with the square of the number", () => {
    const found = sizes(transactions(), (count) => 20 * (count / 10_000) ** 2, 12);
    assert.deepEqual(found.slice(-4), [2048, 1024, 2048, 1024]);
  });

  it("does not shrink when most of the time is the same for any number", () => {
    const found = sizes(transactions(), (count) => 0.9 + count / 100_000, 5);
    assert.deepEqual(found, [2048, 4096, 8192, 16_384, 32_768]);
  });

  it("does not shrink because of a few that took long", () => {
    const pace = transactions();
    pace.ran(1024, 0.1, true);
    for (const count of [2, 5, 40, 300]) pace.ran(count, 0.9, true);
    assert.equal(pace.size, 2048);
  });

  it("shrinks with every failure", () => {
    const pace = transactions();
    for (const size of [512, 256, 128]) {
      pace.ran(pace.size, 0.01, false);
      assert.equal(pace.size, size);
    }
  });

  it("ends with one at a time where each takes long", () => {
    const pace = new Pace({ first: 4, largest: 64, hasFixedCost: false });
    assert.deepEqual(
      sizes(pace, () => 30, 3),
      [2, 1, 1],
    );
  });
});
