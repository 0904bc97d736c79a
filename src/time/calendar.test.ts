import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { calendarDay, dayNumber, isDay, yearOfDay } from "./calendar.ts";

test("days are numbered as ECMAScript numbers them", () => {
  const first = dayNumber(1, 1, 1);
  fc.assert(
    fc.property(fc.integer({ min: first, max: dayNumber(9999, 12, 31) }), (number) => {
      const date = new Date(number * 86_400_000);
      const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
      assert.deepEqual(calendarDay(number), day);
      assert.equal(yearOfDay(number), day.year);
      assert.equal(dayNumber(day.year, day.month, day.day), number);
      assert.equal(isDay(day), true);
    }),
  );
});

test("days that do not exist are told", () => {
  assert.equal(isDay({ year: 2024, month: 2, day: 29 }), true);
  assert.equal(isDay({ year: 2023, month: 2, day: 29 }), false);
  assert.equal(isDay({ year: 1900, month: 2, day: 29 }), false);
  assert.equal(isDay({ year: 2000, month: 2, day: 29 }), true);
  assert.equal(isDay({ year: 2024, month: 12, day: 32 }), false);
  assert.equal(isDay({ year: 0, month: 1, day: 1 }), false);
});
