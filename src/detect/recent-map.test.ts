import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecentMap } from "./recent-map.ts";

const ROOM = 4;
/** A value and its key, which shares its hash with many others. */
const keyed = (key: string, value = 0) => ({ key, hash: key.length, value });

/** What is done to a map: a key is set, removed, or the oldest value goes. */
const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom("set", "delete"),
    key: fc.constantFrom("a", "b", "ab", "12", "21", "012"),
  }),
  fc.constant({ kind: "oldest", key: "" }),
);

test("it holds what a map holds, in the same order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const map = new RecentMap<ReturnType<typeof keyed>>(ROOM);
      const model = new Map<string, number>();
      for (const [at, { kind, key }] of steps.entries()) {
        if (kind === "delete") {
          map.delete(keyed(key));
          model.delete(key);
        } else if (kind === "oldest" || (model.size === ROOM && !model.has(key))) {
          const [oldest] = model;
          assert.equal(map.takeOldest()?.value, oldest?.[1]);
          if (oldest) model.delete(oldest[0]);
        } else if (!model.has(key)) {
          map.add(keyed(key, at));
          model.set(key, at);
        }
        assert.equal(map.isFull, model.size === ROOM);
        assert.equal(map.get(keyed(key))?.value, model.get(key));
        const values: number[] = [];
        map.each(({ value }) => values.push(value));
        assert.deepEqual(values, [...model.values()]);
      }
    }),
  );
});
