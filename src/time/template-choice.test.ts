import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./clock.ts";
import { DateDetector } from "./date-detector.ts";

const NOW = 1_718_452_800;

function names(detector: DateDetector, ...lines: string[]): (string | undefined)[] {
  return lines.map((line) => detector.find(line)?.template.name);
}

test("a template in use moves to the front", () => {
  const detector = new DateDetector({ clock: new ManualClock(NOW) });
  names(
    detector,
    "26-May-2024 15:20:52 x",
    "1716501590 x",
    "May 5 10:00:00 x",
    "host 26-May-2024 15:20:52 x",
  );
  const order = detector.templates.slice(0, 5).map(({ name }) => name.slice(0, 20));
  assert.deepEqual(order, [
    "{^LN-BEG}Day(?P<_sep",
    "{^LN-BEG}Epoch",
    "{^LN-BEG}(?:DAY )?MO",
    "Day(?P<_sep>[-/])MON",
    "{^LN-BEG}ExYear(?P<_",
  ]);
  assert.equal(detector.templates.length, 31);
});

test("weights count hits, and the distance from the begin of the line", () => {
  const detector = new DateDetector({ clock: new ManualClock(NOW) });
  detector.find("[[2024-05-23 21:59:59] x");
  const [first] = detector.templates;
  assert.deepEqual([first?.hits, first?.weight, first?.baseWeight], [1, 100, 100]);
  const other = new DateDetector({ clock: new ManualClock(NOW) });
  other.find("hostx 2024-05-23 21:59:59] x");
  assert.equal(other.templates.find(({ hits }) => hits > 0)?.weight, 1 / 6);
});

test("the template used last wins where two could match", () => {
  const detector = new DateDetector({ clock: new ManualClock(NOW) });
  const [first, second, third] = names(
    detector,
    "01-02-2024 10:00:00 a",
    "01-27-2024 10:00:00 b",
    "01-02-2024 10:00:00 c",
  );
  assert.match(first!, /Day\(/);
  assert.match(second!, /Month-Day/);
  assert.equal(third, second);
});

test("a template that was not used for long gives way", () => {
  const clock = new ManualClock(NOW);
  const detector = new DateDetector({ clock });
  detector.setPattern("%Y-%m-%d\n%d.%m.%Y\nat %H:%M");
  for (let i = 0; i < 5; i++) detector.find("2024-05-23 x");
  clock.advance(301);
  detector.find("23.05.2024 x");
  assert.deepEqual(
    detector.templates.map(({ name }) => name),
    ["Day.Month.Year", "Year-Month-Day", "at 24hour:Minute"],
  );
});

test("the same place is tried first, though another date stands before it", () => {
  const detector = new DateDetector({ clock: new ManualClock(NOW) });
  detector.setPattern("%Y-%m-%d");
  assert.equal(detector.find("x=1 2024-05-23 y")?.date, "2024-05-23");
  assert.equal(detector.find("x=2 2024-05-24 2024-01-01")?.date, "2024-05-24");
  assert.equal(detector.find("2024-01-01 2024-01-02")?.date, "2024-01-01");
});
