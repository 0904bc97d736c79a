import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "./clock.ts";
import { DateDetector } from "./date-detector.ts";

const NOW = 1_718_452_800;

function detectorOf(pattern: string): DateDetector {
  const detector = new DateDetector({ clock: new ManualClock(NOW) });
  detector.defaultZone = 0;
  detector.setPattern(pattern);
  return detector;
}

test("the pattern in force is told", () => {
  const DEFAULT = { pattern: null, name: "Default Detectors" };
  for (const [text, pattern, name] of [
    ["^%Y-%m-%d %H:%M:%S", "^%Y-%m-%d %H:%M:%S", "^Year-Month-Day 24hour:Minute:Second"],
    ["EPOCH", null, "Epoch"],
    ["lepoch", null, "LongEpoch"],
    ["{^LN-BEG}EPOCH", null, "{^LN-BEG}Epoch"],
    ["^TAI64N", null, "{^LN-BEG}TAI64N"],
    ["^\\[{EPOCH}\\]", null, "^\\[{EPOCH}\\]"],
    ["%Y-%m-%d\n%d/%m/%Y", "%Y-%m-%d", "Year-Month-Day"],
    ["{^LN-BEG}%Y-%m-%d", "{^LN-BEG}%Y-%m-%d", "{^LN-BEG}Year-Month-Day"],
    ["{NONE}", "{UNB}^", "^"],
    ["{UNB}%Y%m%d", "{UNB}%Y%m%d", "YearMonthDay"],
    ["**%Y%m%d**", "**%Y%m%d**", "**YearMonthDay**"],
    ["%Y (%m", "%Y (%m", "Year (Month"],
  ] as const) {
    assert.deepEqual(detectorOf(text).pattern, { pattern, name }, text);
  }
  for (const text of ["", "{DEFAULT}", "{^LN-BEG}", "^\\[{DATE}\\]", "%Y\n%m\n%d"]) {
    assert.deepEqual(detectorOf(text).pattern, DEFAULT, text);
  }
});

test("the numbers of templates behind the special words", () => {
  assert.equal(detectorOf("{^LN-BEG}").templates.length, 17);
  assert.equal(detectorOf("{^LN-BEG}\n{^LN-BEG}").templates.length, 17);
  assert.equal(detectorOf("ts={DATE}").templates.length, 17);
  assert.equal(
    detectorOf("%H:%M:%S\n{DATE}").templates.length,
    17,
    "a name that is there already is skipped",
  );
  const lazy = detectorOf("{DEFAULT}");
  assert.equal(lazy.templates.length, 0);
  lazy.find("x");
  assert.equal(lazy.templates.length, 31);
});

test("a pattern given twice is refused, and nothing changes", () => {
  const detector = detectorOf("%Y");
  const twice = { message: "There is already a template with name Year-Month-Day", className: "ValueError" };
  assert.throws(() => detector.setPattern("%Y-%m-%d\n%Y-%m-%d"), twice);
  assert.throws(() => detector.setPattern("{^LN-BEG}\n{^LN-BEG}EPOCH"), { className: "ValueError" });
  assert.equal(detector.pattern.name, "Year");
});

test("of dates at several places the first one counts, unless its pattern is anchored", () => {
  const found = (pattern: string) => detectorOf(`${pattern}\n%d %b`).find("zz 24 Oct y02:30:00 x")?.date;
  for (const pattern of ["(?:^|y)%H:%M:%S", "(^|y)%H:%M:%S", "y%H:%M:%S(?: |$)", "y%H:%M:%S( |$)"])
    assert.equal(found(pattern), "24 Oct", pattern);
  for (const pattern of ["y%H:%M:%S.*x$", "y%H:%M:%S.*x($)"])
    assert.match(found(pattern) ?? "", /^y?02/, pattern);
});

test("numbers may be written in the digits of other scripts", () => {
  assert.equal(detectorOf("EPOCH").find("172856٣325 x")?.epoch, 1_728_563_325);
  assert.equal(detectorOf("LEPOCH").find("172856٣325٤٥٦ x")?.epoch, 1_728_563_325.456);
});

test("a day of the year that lies ahead is that of the year before", () => {
  const clock = new ManualClock(Date.parse("2025-01-01T12:30:00Z") / 1000);
  const detector = new DateDetector({ clock });
  detector.defaultZone = 0;
  detector.setPattern("%j %H:%M");
  // 2025 has 365 days: the 366th is the first of the next year.
  assert.equal(detector.find("366 00:00 x")?.epoch, Date.parse("2025-01-01T00:00:00Z") / 1000);
});

test("a default template that is given by itself before the others is as heavy as among them", () => {
  const detector = detectorOf("{^LN-BEG}TAI64N\n{^LN-BEG}");
  assert.deepEqual(
    detector.templates.slice(0, 2).map(({ name, baseWeight }) => [name.slice(0, 16), baseWeight]),
    [
      ["{^LN-BEG}TAI64N", 100],
      ["{^LN-BEG}ExYear(", 100],
    ],
  );
  for (const line of ["@400000004c91b044077a9e94 x", "2013-08-11 03:56:40 x"]) assert.ok(detector.find(line));
  assert.equal(detector.templates[0]?.name, "{^LN-BEG}TAI64N", "one use each: the order stays");
});

test("a pattern whose expression cannot be compiled is named, wherever it stands; else it shows at the first line", () => {
  for (const [text, reason] of [
    ["%Y (%m", /^Failed to set datepattern '%Y \(%m': .* missing \), unterminated subpattern at position/],
    ["%Y-%m-%d\n%H:%M %H", /^Failed to set datepattern '%H:%M %H': .* redefinition of group name 'H'/],
    ["{EPOCH}(", /missing \)/],
    ["({DATE}", /^Failed to set datepattern '\(%ExY.*': .* missing \)/],
  ] as const) {
    const detector = detectorOf(text);
    assert.throws(() => detector.requireCompilable(), { className: "ValueError", message: reason });
    assert.throws(() => detector.find("x"), /position/);
  }
  detectorOf("{^LN-BEG}\n%d.%m.%Y").requireCompilable();
});

test("of the forms that {DATE} stands for those are left out that do not fit in", () => {
  const detector = detectorOf("^%a {DATE}");
  assert.equal(detector.templates.length, 13);
  assert.equal(detector.find("Thu 2024-05-23 21:59:59 x")?.date, "Thu 2024-05-23 21:59:59");
});

test("boundaries and the part that is cut out", () => {
  for (const [pattern, line, before, date] of [
    ["{^LN-BEG}%d.%m.%Y", " 3.05.2024", " ", "3.05.2024"],
    ["{^LN-BEG}%d.%m.%Y", "   3.05.2024", "  ", " 3.05.2024"],
    ["\\d+ (%Y-%m-%d)", "77 2024-05-23 x", "77 ", "2024-05-23"],
    ["{UNB}**%Y**", "x2024x", "x", "2024"],
    ["{^LN-BEG}**%Y**", "a2024", "a", "2024"],
    ["(?:%Y$)", "x 2024", "x ", "2024"],
    ["%Y\\s", "x 2024 y", "x ", "2024 "],
    ["\\(%Y\\)", "(2024)", "", "(2024)"],
    ["[(]%Y[)]", "(2024)", "", "(2024)"],
    ["%Y\\$", "a 2024$", "a ", "2024$"],
    ["%Y(?i)day", "2024DAY", "", "2024DAY"],
    ["%Y()", "2024 x", "", "2024"],
    ["()%Y", "2024 x", "", ""],
    ["t=\\(({EPOCH})\\)", "a t=(1716501599) b", "a t=(", "1716501599"],
    ["{^LN-BEG}{EPOCH}", " 1716501599 b", " ", "1716501599"],
  ] as const) {
    const found = detectorOf(pattern).find(line);
    assert.deepEqual([found?.before, found?.date], [before, date], pattern);
  }
  for (const [pattern, line] of [
    ["%Y", "x2024"],
    ["%Y", "20245"],
    ["%Y\\b", "x 2024x"],
    ["{^LN-BEG}%Y", "((( 2024"],
    ["^%Y", " 2024"],
  ] as const) {
    assert.equal(detectorOf(pattern).find(line), null, pattern);
  }
});

test("unknown zones and half dates fail as a whole, impossible dates do not", () => {
  const failure = (pattern: string, line: string) => detectorOf(pattern).find(line)?.failure;
  assert.deepEqual(failure("%Y-%m-%d", "2023-02-29"), { kind: "invalid" });
  const unknown = failure("%Y-%m-%d %Z", "2024-05-05 QQQ");
  assert.equal(unknown?.kind === "unknown-zone" && unknown.error.className, "KeyError");
  assert.equal(failure("%Y-%m", "2024-05")?.kind, "incomplete");
});

test("remembered readings are given back only while what they assume holds", () => {
  const texts = [
    "Jun 15 11:00:00 x",
    "Jun 16 12:00:01 x",
    "Dec 31 23:59:59 x",
    "Jan 1 00:00:00 x",
    "Feb 29 10:00:00 x",
  ];
  const clocks = ["12:00:00 x", "23:59:59 x", "00:00:05 x"];
  const line = fc.constantFrom(...texts, ...clocks);
  const step = fc.tuple(line, fc.constantFrom(0, 1, 59, 3600, 43_200, 86_400, 15_552_000, -3600, -86_400));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const clock = new ManualClock(NOW);
      const detector = new DateDetector({ clock });
      for (const [text, seconds] of steps) {
        clock.jump(clock.now() + seconds);
        const fresh = new DateDetector({ clock });
        assert.equal(detector.find(text)?.epoch, fresh.find(text)?.epoch, `${text} at ${clock.now()}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("a new default zone holds from the next line on", () => {
  const detector = detectorOf("");
  assert.equal(detector.timeOf("2024-05-23 21:59:59 x")?.epoch, 1_716_501_599);
  detector.defaultZone = -180;
  assert.deepEqual(detector.timeOf("2024-05-23 21:59:59 x"), { epoch: 1_716_512_399, isInteger: true });
});

test("any line is taken, and its parts make up the line again", () => {
  const detector = detectorOf("");
  const piece = fc.constantFrom(
    "2024",
    "-",
    ":",
    "05",
    "May ",
    " ",
    "12",
    "[",
    "@",
    "1716501599",
    "Z",
    "+0200",
    "é",
    "PM",
    ".",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (line) => {
        const found = detector.find(line);
        if (found) assert.equal(found.before + found.date + found.after, line);
      },
    ),
  );
});

test("any pattern is either taken or refused with a reason", () => {
  const piece = fc.constantFrom(
    "%",
    "Y",
    "%Y",
    "%m",
    "%Ex",
    "(",
    ")",
    "[",
    "]",
    "^",
    "$",
    "**",
    "{UNB}",
    "{^LN-BEG}",
    "{DATE}",
    "{EPOCH}",
    "\\",
    "|",
    "?",
    " ",
    "\n",
    "EPOCH",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
      (pattern) => {
        try {
          detectorOf(pattern).find("2024-05-23 21:59:59 [1716501599] x");
        } catch (error) {
          assert.match(
            String((error as Error).name),
            /^(?:TypeError|ValueError|PyRegexError)$/,
            String(error),
          );
          assert.ok(!(error instanceof TypeError), String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});
