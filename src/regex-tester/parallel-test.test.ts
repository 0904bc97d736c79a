import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { makeBlockTest } from "./block-test.ts";
import { newCountingTest } from "./counting-test.ts";
import { linesOfFile } from "./log-input.ts";
import { parseOptions } from "./options.ts";
import { ParallelTest } from "./parallel-test.ts";
import { partOf } from "./results.ts";
import { makeTesterFilter } from "./tester-filter.ts";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-parallel-"));
after(() => rmSync(folder, { recursive: true }));

/** A log of some megabytes: dates in several places, lines without, lines that are missed, ignored and matched. */
function mixedLog(count: number, dateOf: (i: number) => string): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const date = dateOf(i);
    const kind = (i * 7919) % 11;
    if (kind < 3) return `${date}bad user u${i % 50} from 192.0.2.${i % 256}${i % 5 === 0 ? "\r" : ""}`;
    if (kind < 5) return `${date}bad user test from 2001:db8::${(i % 4096).toString(16)} jürgen`;
    if (kind === 5) return i % 2 ? "" : "# comment";
    return `${date}something else ${"x".repeat(i % 90)} ${i}`;
  });
  return lines.map((line) => `${line}\n`).join("");
}

const iso = (i: number) =>
  new Date(1_716_500_000_000 + i * 1000).toISOString().slice(0, 19).replace("T", " ");
const LOGS: Readonly<Record<string, string>> = {
  "dates at the start": mixedLog(36_000, (i) => `${iso(i)} `),
  "dates behind a text of changing length": mixedLog(
    60_000,
    (i) => `${"h".repeat(1 + (i % 13))} [${iso(i)}] `,
  ),
  "few lines with a date": mixedLog(36_000, (i) => (i % 1000 < 30 ? `${iso(i)} ` : "")),
  "another kind of date from the middle on": mixedLog(36_000, (i) =>
    i < 21_000 ? `${iso(i)} ` : `${1_716_500_000 + i} `,
  ),
  "two kinds of dates": mixedLog(30_000, (i) => (i % 3 ? `${iso(i)} ` : `a [${1_716_500_000 + i}] `)),
  "dates of this minute, which stand in for missing ones": mixedLog(30_000, (i) =>
    i % 4 === 0 ? `${new Date().toISOString()} ` : "",
  ),
};
const VERBOSE = ["-v", "--print-all-missed"];

/** Stands still, because it is taken for the time of lines that have none. */
const CLOCK = new ManualClock(1_716_500_030);
const FAIL = "bad user <F-USER>\\S+</F-USER> from <ADDR>";

async function bothWays(...argv: string[]): Promise<readonly [string, string]> {
  const one = await runTester(argv);
  const two = await runTester(["-j", "2", ...argv]);
  assert.deepEqual([two.code, two.err], [0, ""]);
  return [timeless(one.out), timeless(two.out)];
}

/** The report without what depends on when it was made; lines without a date get the current time. */
function timeless(report: string): string {
  const year = new Date().getFullYear();
  return report
    .replace(/\[processed in .*\]|"seconds": [\d.]+/, "")
    .replaceAll(new RegExp(`\\w{3} \\w{3} \\d\\d [\\d:]{8} ${year}$`, "gm"), "now");
}

describe("several threads report what one reports", () => {
  for (const [name, content] of Object.entries(LOGS)) {
    test(name, async () => {
      const log = join(folder, "mixed.log");
      writeFileSync(log, content);
      for (const options of name.startsWith("dates at") ? [VERBOSE, ["-o", "row"]] : [VERBOSE]) {
        const [one, two] = await bothWays(...options, log, FAIL, "user test");
        assert.ok(one.length > 500);
        assert.ok(one === two, `${name} ${options}: ${firstDifference(one, two)}`);
      }
    });
  }

  test("a compressed log", async () => {
    const log = join(folder, "packed.log");
    writeFileSync(log, gzipSync(LOGS["dates at the start"]!));
    const [one, two] = await bothWays(log, FAIL);
    assert.equal(two, one);
  });

  test("a hostile line, after which everything is done in order", async () => {
    const log = join(folder, "hostile.log");
    const [begin, end] = [mixedLog(20_000, (i) => `${iso(i)} `), mixedLog(20_000, (i) => `${iso(i)} `)];
    writeFileSync(log, `${begin}${iso(0)} ${"a".repeat(60)}\n${end}`);
    const [one, two] = await bothWays("--json", log, `^ (?=(?:(?:\\w+)+\\s?)*!$)<F-ID>x</F-ID>|${FAIL}`);
    assert.equal(two, one);
  });
});

test("where order matters beyond dates one thread does the work, and says why", async () => {
  const log = join(folder, "small.log");
  writeFileSync(
    log,
    mixedLog(100, (i) => `${iso(i)} `),
  );
  const noteOn = async (...argv: string[]) => {
    const { out, err, code } = await runTester(["-j", "2", ...argv]);
    assert.equal(code, 0, out + err);
    return err;
  };
  assert.equal(
    await noteOn("-L", "3", log, FAIL),
    "Note: one thread does all the work: the expressions see several lines at a time\n",
  );
  assert.match(
    await noteOn(log, `<F-MLFID>bad</F-MLFID> user \\S+ from <ADDR>`),
    /sessions together \(F-MLFID\)/,
  );
  assert.match(await noteOn("-l", "error", log, FAIL), /messages are to be logged/);
  assert.match(await noteOn("a line", FAIL), /the log is no file/);
  const { code } = await runTester(["-j", "-1", log, FAIL]);
  assert.equal(code, 2);
});

test("blocks of any size, done in any order, by threads that know little, lead to the same results", async () => {
  const dates = fc.constantFrom(
    ...[0, 1, 2, 3].map((i) => `${iso(i)} `),
    "",
    "1716500000 ",
    "x [1716500001] ",
    "ab [1716500002] ",
  );
  const line = fc.tuple(
    dates,
    fc.constantFrom("bad user a from 192.0.2.1", "bad user test from ::1", "other", "#", ""),
  );
  const log = join(folder, "random.log");
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 60 }),
      fc.integer({ min: 1, max: 300 }),
      async (lines, blockSize) => {
        writeFileSync(log, lines.map((parts) => `${parts.join("")}\n`).join(""));
        const [one, two] = [await resultsOf(log, null), await resultsOf(log, blockSize)];
        assert.deepEqual(two, one);
      },
    ),
    { numRuns: 60 },
  );
});

/** What a test of the log finds; with a block size by several filters that test blocks in turn. */
async function resultsOf(log: string, blockSize: number | null): Promise<unknown> {
  const options = parseOptions(["-v", "--print-all-missed", log, FAIL, "user test"]);
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const context = { clock: CLOCK, hub, say: () => {}, print: () => {} };
  const made = makeTesterFilter(options, context);
  const counting = newCountingTest(options, made, context);
  const start = { options, encoding: "UTF-8" };
  const workers = [makeBlockTest(start, CLOCK), makeBlockTest(start, CLOCK)];
  let next = 0;
  const sink =
    blockSize === null
      ? null
      : new ParallelTest({
          filter: made.filter,
          counting,
          clock: CLOCK,
          print: () => {},
          testBlock: (block) => workers[next++ % workers.length]!(block),
          capacity: 3,
          blockSize,
        });
  // Pieces as small as the blocks, so that there are many of them.
  for await (const { bytes, decoder } of linesOfFile(log, "UTF-8", { done: 0 })) {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + (blockSize ?? bytes.length));
      const lineEnd = bytes.indexOf(10, Math.max(at, end - 1)) + 1;
      const piece = { bytes: bytes.subarray(at, lineEnd), decoder };
      if (sink) await sink.testRaw(piece);
      else await counting.tester.test(piece.bytes.toString());
      at = lineEnd;
    }
  }
  await sink?.finish();
  const templates = made.filter.dateDetector.templates.map(({ name, hits }) => ({ name, hits }));
  return { templates, results: partOf(counting.results) };
}

/** Where two texts begin to differ. */
function firstDifference(one: string, two: string): string {
  const [a, b] = [one.split("\n"), two.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  return `line ${at + 1}: ${a[at]} / ${b[at]}`;
}
