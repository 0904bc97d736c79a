import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { PyError, PyFloat, toNumber } from "../pyvalue/value.ts";
import { ManualClock } from "./clock.ts";
import { DateDetector } from "./date-detector.ts";
import { parseLogTimeZone } from "./zone.ts";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

interface Result {
  readonly template?: string | null;
  readonly matched?: string;
  readonly rest?: readonly [string, string];
  readonly epoch?: number | PyFloat | null;
  readonly error?: string;
  readonly local_time?: string;
  readonly other_reading?: number;
}

interface DateCase extends Result {
  readonly line: string | readonly string[];
  readonly tz: string;
  readonly now: number;
  readonly pattern?: string;
  readonly logtimezone?: string;
  readonly results?: readonly Result[];
}

function check(detector: DateDetector, line: string, expected: Result, source: string): void {
  const found = detector.find(line);
  assert.equal(found?.template.name ?? null, expected.template, source);
  if (found === null) return;
  assert.deepEqual([found.before, found.after], expected.rest, source);
  assert.equal(found.date, expected.matched, source);
  const isFloat = expected.epoch instanceof PyFloat;
  const epoch = expected.epoch instanceof PyFloat ? expected.epoch.value : (expected.epoch ?? null);
  const isEitherHour =
    expected.local_time === "repeated hour" && found.epoch === toNumber(expected.other_reading!);
  if (!isEitherHour) assert.equal(found.epoch, epoch, source);
  if (epoch !== null) assert.equal(found.isInteger, !isFloat, source);
  if (found.date !== "") assert.equal(found.failure === null, found.epoch !== null, source);
  if (expected.error === undefined) return;
  assert.ok(found.failure && found.failure.kind !== "invalid", source);
  assert.match(expected.error, new RegExp(`^${found.failure.error.className}: `), source);
}

describe("dates are found and read as the reference does it", {
  skip: skipWithout("golden/dates.json"),
}, () => {
  const text = readFileSync(shared("golden", "dates.json"), "utf8");
  // Floats are written with a decimal point; only the source of the number tells them from integers.
  const { cases } = JSON.parse(text, (key, value, context?: { source?: string }) =>
    key === "epoch" && typeof value === "number" && context?.source?.includes(".")
      ? new PyFloat(value)
      : value,
  ) as { cases: DateCase[] };

  for (const [index, c] of cases.entries()) {
    const source = JSON.stringify({ line: c.line, tz: c.tz, now: c.now, pattern: c.pattern });
    test(`${index} ${source}`, () => {
      process.env.TZ = c.tz;
      const detector = new DateDetector({ clock: new ManualClock(c.now) });
      if (c.error?.startsWith("ValueError: Unknown or unsupported time zone")) {
        assert.throws(() => parseLogTimeZone(c.logtimezone!), PyError);
        return;
      }
      if (c.logtimezone !== undefined) detector.defaultZone = parseLogTimeZone(c.logtimezone);
      if (c.pattern !== undefined) detector.setPattern(c.pattern);
      if (c.error === "expression does not compile") {
        assert.throws(() => detector.requireCompilable(), /position/);
        assert.throws(() => detector.find(String(c.line)), /position/);
        return;
      }
      if (typeof c.line === "string") check(detector, c.line, c, source);
      else for (const [i, line] of c.line.entries()) check(detector, line, c.results![i]!, source);
    });
  }
});

test("a time of the repeated hour is that of the second one as soon as it has come", () => {
  process.env["TZ"] = "Europe/Berlin";
  const clock = new ManualClock(Date.parse("2024-10-27T00:30:00Z") / 1000);
  const detector = new DateDetector({ clock });
  const read = () => detector.find("2024-10-27 02:30:00 hello there, this is a line")?.epoch;
  assert.equal(read(), clock.now());
  assert.equal(read(), clock.now());
  clock.advance(3600);
  assert.equal(read(), clock.now());
});
