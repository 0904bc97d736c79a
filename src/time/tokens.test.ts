import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./clock.ts";
import { DateDetector } from "./date-detector.ts";
import { expandTokens } from "./tokens.ts";

test("names show what the tokens stand for", () => {
  const pattern =
    "%ExY-%Exm-%Exd %ExH:%ExM:%ExS %Exz %ExZ %Exy %k %l %p %f %j %a %A %b %B %U %W %w %z %Z 100%% %c %x %X %u %V %G";
  const name =
    "ExYear-ExMonth-ExDay Ex24hour:ExMinute:ExSecond ExZone offset ExZone name ExYear2 %k %l AMPM Microseconds " +
    "Yearday DAY DAYNAME MON MONTH Yearweek Yearweek Weekday Zone offset Zone name 100% %c %x %X %u %V %G";
  assert.equal(expandTokens(pattern).name, name);
});

test("a percent sign that begins no token is refused", () => {
  const text = (pattern: string, reason: string) => ({
    message: `Failed to set datepattern '${pattern}' (may be an invalid format or unescaped percent char): ${reason}`,
    className: "TypeError",
  });
  assert.throws(() => expandTokens("%Y 100%"), text("%Y 100%", "incomplete format"));
  assert.throws(() => expandTokens("%Y %Q"), text("%Y %Q", "not enough arguments for format string"));
  assert.throws(
    () => expandTokens("%Q %Y"),
    text("%Q %Y", "unsupported format character 'Q' (0x51) at index 1"),
  );
});

/** The time of day (`HH:MM:SS`) or date that a pattern reads in a line, with 2024-06-15 12:00 UTC as now. */
function reading(pattern: string, line: string): string | null {
  const detector = new DateDetector({ clock: new ManualClock(1_718_452_800) });
  detector.defaultZone = 0;
  detector.setPattern(pattern);
  const epoch = detector.find(line)?.epoch ?? null;
  return epoch === null ? null : new Date(epoch * 1000).toISOString().slice(0, 19);
}

test("digits without anything between them are shared out as in the reference", () => {
  assert.equal(reading("{UNB}%Y%m%d", "20241105"), "2024-01-10T00:00:00");
  assert.equal(reading("{UNB}%Y%m%d", "2024131"), "2024-01-03T00:00:00");
  assert.equal(reading("{UNB}%d%m%Y", "3112024"), "1202-01-03T00:00:00");
  assert.equal(reading("{UNB}%d%m%Y", "1112024"), "2024-01-11T00:00:00");
  assert.equal(reading("{UNB}%H%M%S %Y-%m-%d", "2359 2024-05-05"), "2024-05-05T02:35:09");
  assert.equal(reading("{UNB}x%Exk%M %Y-%m-%d", "x2359 2024-05-05"), "2024-05-05T23:59:00");
  assert.equal(reading("{UNB}x%I%M %Y-%m-%d", "x112 2024-05-05"), "2024-05-05T11:02:00");
});

test("days are known by week and weekday as well", () => {
  assert.equal(reading("%Y %w %U", "2024 3 10"), "2024-03-13T00:00:00");
  assert.equal(reading("%Y %w %U", "2024 0 0"), "2023-12-31T00:00:00");
  assert.equal(reading("%Y %w %W", "2024 3 10"), "2024-03-06T00:00:00");
  assert.equal(reading("%Y %w %W", "2024 0 0"), "2024-01-07T00:00:00");
  assert.equal(reading("%Y %j", "2023 366"), "2024-01-01T00:00:00");
  assert.equal(reading("%Y %m %j", "2024 05 200"), "2024-07-18T00:00:00");
});

test("composite tokens are the dates of the C locale", () => {
  assert.equal(reading("%c", "Thu May  3 21:59:59 2024"), "2024-05-03T21:59:59");
  assert.equal(reading("%x %X", "5/3/24 1:2:3"), "2024-05-03T01:02:03");
});

test("a year alone is that of today's day", () => {
  assert.equal(reading("%Y", "2020"), "2020-06-15T00:00:00");
  assert.equal(reading("%Y %H", "2024 23"), "2024-06-14T23:00:00");
});

test("digits of other scripts are digits", () => {
  assert.equal(reading("%d.%m.%Y", "3.5.٢٠٢٤"), "2024-05-03T00:00:00");
});
