import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DeadlineHeap } from "./deadline-heap.ts";

test("property: entries leave in the order of their deadlines", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (deadlines) => {
      const heap = new DeadlineHeap<number>();
      for (const deadline of deadlines) heap.push(deadline, deadline);
      const out: number[] = [];
      for (let next = heap.pop(); next; next = heap.pop()) out.push(next.item);
      assert.deepEqual(
        out,
        deadlines.toSorted((a, b) => a - b),
      );
    }),
  );
});
