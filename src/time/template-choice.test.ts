import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { choosesAlike } from "./choice-state.ts";
import { ManualClock } from "./clock.ts";
import { DateDetector } from "./date-detector.ts";
import { defaultTemplates } from "./default-templates.ts";
import { TemplateChoice } from "./template-choice.ts";

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

/** What stands around dates in access logs, and what could be taken for a date there. */
const text = fc.oneof(
  fc.constantFrom("192.0.2.1 - - [", "192.0.2.117 - - [", "::1 - - [", "[", "<", "x", "a ", "é", "Nov 21 "),
  fc.constantFrom(
    '] "GET / HTTP/1.1" 200 17',
    "] 12345678 x",
    "] @4000000052f7a1b5",
    ' x "-"',
    ".123 x",
    " Z ",
  ),
  fc.constantFrom(
    "2024-06-01 10:00:00",
    "1718452800",
    "20240601 1000",
    "x20100101 Firefox",
    "20240601T100000",
    "1:2:3",
    "20240601 10:00:00",
    "10:00",
    "Jun 01 10:00:00",
    "::1",
  ),
);
const accessDate = fc
  .tuple(
    fc.constantFrom("01", "15", "31", " 1"),
    fc.constantFrom("/Jun/2024:10:00:01", "/Jun/2024:10:59:0", "/Jun/2024 10:00:01", "-Jun-2024:10:00:02"),
    fc.constantFrom("", " +0000", " -01:30", " GMT", "1"),
  )
  .map((parts) => parts.join(""));
const plainLine = fc
  .tuple(fc.constantFrom("192.0.2.1", "192.0.2.117", "::1"), accessDate)
  .map(([host, date]) => `${host} - - [${date}] "GET / HTTP/1.1" 200 17`);
const mixedLine = fc
  .tuple(fc.array(text, { maxLength: 3 }), accessDate, fc.array(text, { maxLength: 3 }))
  .map(([before, date, after]) => [...before, date, ...after].join(""));

test("a scanner that recognises a date has the default templates choose as their expressions would", () => {
  let scanned = 0;
  const lines = fc.array(fc.oneof(plainLine, plainLine, mixedLine), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(lines, (texts) => {
      const choices = [new TemplateChoice(), new TemplateChoice(), new TemplateChoice()] as const;
      for (const choice of choices) choice.addAll(defaultTemplates());
      const [scanning, searching, inBytes] = choices;
      for (const line of texts) {
        const expected = searching.choose(line, NOW);
        const start = scanning.scanLast(line, NOW);
        // What stands around the line does not count.
        const bytes = Buffer.from(`00\n${line}\n:00:00`, "latin1");
        assert.equal(inBytes.scanLast(line, NOW, bytes, 3), start, line);
        if (start < 0) inBytes.choose(line, NOW);
        if (start >= 0) {
          scanned++;
          assert.deepEqual([start, scanning.end], [expected?.dateStart, expected?.dateEnd], line);
        } else scanning.choose(line, NOW);
        assert.equal(scanning.last?.template, searching.last?.template, line);
        // Where an anchored template matched last does not matter, and is not always written down.
        assert.ok(choosesAlike(scanning.state, searching.state), line);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(scanned > 1000, `${scanned} dates were scanned`);
});
