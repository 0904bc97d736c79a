import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textSearch } from "./text-search.ts";

const letters = fc.constantFrom("a", "b", "é", "\u2028", "\n");
const textOf = (minLength: number, maxLength: number) => fc.string({ unit: letters, minLength, maxLength });

test("it finds what a look at every place finds", () => {
  fc.assert(
    fc.property(
      fc.array(textOf(1, 9), { minLength: 1, maxLength: 5 }),
      fc.array(textOf(5, 9), { minLength: 1, maxLength: 5 }),
      textOf(0, 200),
      fc.nat(50),
      (short, long, text, from) => {
        for (const texts of [short, long]) {
          let expected = -1;
          for (let at = text.length - 1; at >= from; at--) {
            if (texts.some((wanted) => text.startsWith(wanted, at))) expected = at;
          }
          assert.equal(textSearch(texts).next(text, from), expected);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
