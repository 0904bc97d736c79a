import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { levelName } from "../log/levels.ts";
import { formatLocalTime } from "../time/format.ts";
import { makeTestJail, settle } from "./testing.ts";

/** The time line of a repeat offender that was recorded from the reference, lived through on a clock that the test drives. */

function recorded(): string[] {
  const text = readFileSync(shared("spec", "runtime.md"), "utf8");
  const [, block = ""] = /### 7\.2 [\s\S]*?```\n([\s\S]*?)```/.exec(text) ?? [];
  return block
    .trim()
    .split("\n")
    .flatMap((line) =>
      Array<string>(line.endsWith("(5 times)") ? 5 : 1).fill(line.replace(/\s+\(5 times\)$/, "")),
    )
    .map((line) => line.replace(/^\S+ \S+ /, "").replace(/\s+\[\d+\]:\s+/, " "));
}

const withoutDates = (lines: readonly string[]) =>
  lines.map((line) => line.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "DATE").replace(/\s+/g, " "));

test("a repeat offender: the lines of the log are those of the recorded time line", {
  skip: skipWithout("spec", "runtime.md"),
}, async (t) => {
  const { jail, clock, records, files } = makeTestJail();
  t.after(() => files.close());
  jail.filter.addFailRegex("^ failure from <ADDR>$");
  jail.settings.setMaxRetry(5);
  jail.settings.setBanTime(5);
  jail.settings.setIncrement("increment", true);
  jail.start();
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) {
      jail.feed.process(`${formatLocalTime(clock.now())} failure from 192.0.2.7\n`, jail, true);
      await settle();
      clock.advance(0.2);
    }
  };
  for (const times of [5, 3, 2]) {
    await fail(times);
    if (times > 2) clock.advance(12);
    await settle();
  }
  const lines = records.map(({ logger, level, message }) => `${logger} ${levelName(level)} ${message}`);
  const isRecorded = /^fail2ban\.(?:observer|actions .*(?:Ban|Unban) |filter .*Found|jail .*Set)/;
  assert.deepEqual(withoutDates(lines.filter((line) => isRecorded.test(line))), withoutDates(recorded()));
  await jail.stop();
});
