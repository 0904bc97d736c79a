import assert from "node:assert/strict";
import { test } from "node:test";
import type { DateFields } from "./date-fields.ts";
import { tokenFields } from "./token-fields.ts";

const NOTHING: DateFields = {
  year: null,
  month: null,
  day: null,
  hour: 0,
  minute: 0,
  second: 0,
  zone: null,
  yearDay: null,
};

const CASES: readonly (readonly [texts: Record<string, string | null>, fields: Partial<DateFields>])[] = [
  [{}, {}],
  [
    { Y: "2021", m: "03", d: " 4", H: "05", M: "06", S: "07", z: "+01" },
    { year: 2021, month: 3, day: 4, hour: 5, minute: 6, second: 7, zone: "+01" },
  ],
  [
    { y: "05", B: "September", d: "٤" },
    { year: 2005, month: 9, day: 4 },
  ],
  [{ I: "12", p: null }, { hour: 0 }],
  [{ I: "12", p: "PM" }, { hour: 12 }],
  [{ p: "pm", I: "4" }, { hour: 16 }],
  [{ j: "100", a: "Mon", U: "10" }, { yearDay: { dayOfYear: 100 } }],
  [{ w: "0", W: "10" }, { yearDay: { week: 10, weekday: 6, startsOn: "monday" } }],
  [{ U: "10" }, {}],
  // Nobody's group is a token's.
  [{ user: "x", toString: "y", constructor: "z" }, {}],
];

for (const [texts, fields] of CASES) {
  test(`fields of ${JSON.stringify(texts)}`, () => {
    assert.deepEqual(tokenFields(texts), { ...NOTHING, ...fields });
  });
}

test("of several tokens for one field the last one that took part counts, as in the reference", () => {
  assert.equal(tokenFields({ Y: "2021", y: "22" }).year, 2022);
  assert.equal(tokenFields({ y: "22", Y: "2021" }).year, 2021);
  assert.equal(tokenFields({ b: "Apr", m: "03" }).month, 3);
  assert.equal(tokenFields({ m: "03", b: "Apr" }).month, 4);
  assert.equal(tokenFields({ b: "Apr", m: null }).month, 4);
  assert.equal(tokenFields({ I: "04", p: "PM", H: "10" }).hour, 10);
  assert.equal(tokenFields({ z: "UTC", Z: "MSK" }).zone, "MSK");
  assert.equal(tokenFields({ Z: "MSK", z: "UTC" }).zone, "UTC");
  assert.deepEqual(tokenFields({ U: "10", W: "20", a: "Mon", w: "3" }).yearDay, {
    week: 20,
    weekday: 2,
    startsOn: "monday",
  });
});
