import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { explanationText } from "./explanation-text.ts";
import { columns, harmless } from "./shown-text.ts";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-explain-"));
after(() => rmSync(folder, { recursive: true }));

const FAIL = "^ door: bad user <F-USER>\\S+</F-USER> from <ADDR>$";

async function explain(...argv: string[]): Promise<string> {
  const { code, out, err } = await runTester(["--explain", ...argv]);
  assert.equal(code, 0, out + err);
  return out;
}

test("a failure is explained step by step", async () => {
  const out = await explain("2024-05-23 21:59:50 door: bad user eve from 192.0.2.1", FAIL);
  assert.equal(
    out,
    `  2024-05-23 21:59:50 door: bad user eve from 192.0.2.1

date: 2024-05-23 21:59:50, at the start
  that is 2024-05-23 21:59:50 (1716501590)
  found by:
    {^LN-BEG}ExYear(?P<_sep>[-/.])Month(?P=_sep)Day(?:T|  ?)24hour:Minute:Second
    (?:[.,]Microseconds)?(?:\\s*Zone offset)?
  pattern:
    {^LN-BEG}%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S(?:[.,]%f)?(?:\\s*%
    z)?
  expressions see:
     door: bad user eve from 192.0.2.1
failregex 1: matches
    ${FAIL}
    user  eve
    ip4   192.0.2.1
verdict: failure of 192.0.2.1 (failregex 1)
    at 2024-05-23 21:59:50 (1716501590)
    user  eve
    ip4   192.0.2.1

`,
  );
});

test("how far an expression gets is marked in it and in the line", async () => {
  const out = await explain("2024-05-23 21:59:50 door: bad user eve by 192.0.2.1", FAIL);
  assert.match(
    out,
    new RegExp(
      RegExp.escape(`failregex 1: does not match; up to the marks it does
    ${FAIL}
                                          ^
     door: bad user eve by 192.0.2.1
                        ^ "from " must follow
verdict: no failure
`),
    ),
  );
});

test("each line of a log is explained, comments and empty lines are passed over", async () => {
  const log = join(folder, "short.log");
  const lines = ["# comment", "", "2024-05-23 21:59:50 door: shut", "no date here", ""];
  writeFileSync(log, lines.join("\n"));
  const out = await explain(log, FAIL, "shut");
  assert.equal(out.match(/^verdict: /gm)?.length, 2);
  assert.match(out, /^date: no date was found$/m);
  assert.match(out, /^failregex 1: does not even begin to match: \^ door/m);
});

test("with --json there is one object a line", async () => {
  const log = join(folder, "two.log");
  writeFileSync(
    log,
    "2024-05-23 21:59:50 door: bad user eve from 192.0.2.1\n2024-05-23 21:59:51 door: shut\n",
  );
  const [first, second] = (await explain("--json", log, FAIL))
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  assert.equal(first.date.time, 1_716_501_590);
  assert.equal(first.date.found.text, "2024-05-23 21:59:50");
  assert.deepEqual(first.failregex[0].match.groups, { user: "eve", ip4: "192.0.2.1", ip6: null });
  assert.deepEqual(first.verdict.fields.matches, ["2024-05-23 21:59:50 door: bad user eve from 192.0.2.1"]);
  assert.deepEqual(second.failregex[0].stopped, { regexAt: 8, textAt: 7, wanted: "bad user " });
  assert.equal(second.verdict.result, "missed");
});

test("an output format and an explanation exclude each other", async () => {
  const { code, err } = await runTester(["--explain", "-o", "id", "x", FAIL]);
  assert.equal(code, 255);
  assert.match(err, /--explain and --out are mutually exclusive/);
});

test("no row is wider than a terminal, and nothing of a log reaches it as a command", async () => {
  const word = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.constantFrom("\x1b[2J", "\u202e", "漢字".repeat(50), " door: bad user ", "from 192.0.2.1", " "),
  );
  const line = fc.array(word, { maxLength: 6 }).map((words) => words.join("").replaceAll("\n", " "));
  const log = join(folder, "hostile.log");
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 4 }), async (lines) => {
      writeFileSync(
        log,
        lines.map((text, i) => `${i % 2 ? "" : "- "}[23/Nov/2024:21:59:50.123456 +0100] ${text}\n`).join(""),
      );
      for (const row of (await explain(log, FAIL, ".*")).split("\n")) {
        assert.equal(row, harmless(row));
        assert.ok(columns(row) <= 80, `${columns(row)}: ${row}`);
      }
    }),
    { numRuns: 40 },
  );
});

test("columns are those of a terminal", () => {
  for (const [text, count] of [
    ["abc", 3],
    ["漢字", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["😀", 2],
  ] as const)
    assert.equal(columns(text), count, text);
});

test("a line of ten megabytes is explained in a few rows", async () => {
  const log = join(folder, "long.log");
  writeFileSync(log, `2024-05-23 21:59:50 door: bad user ${"x".repeat(10_000_000)} by 192.0.2.1\n`);
  const out = await explain(log, FAIL);
  assert.ok(out.length < 5000, `${out.length}`);
  assert.match(out, /verdict: no failure/);
});

test("a field that is no text is shown", () => {
  const rows = explanationText({
    line: "x",
    date: {
      template: null,
      pattern: null,
      found: null,
      time: null,
      problem: "no date was found",
      stopped: [],
    },
    text: "x",
    prefregex: null,
    content: null,
    failregex: [],
    ignoreregex: [],
    verdict: {
      result: "failure",
      by: 1,
      id: "a",
      isHostName: false,
      time: null,
      fields: { fid: ["a", "b"], users: new Set(["c", "d"]), matches: ["x"], none: null },
    },
  });
  assert.deepEqual(rows.slice(-5, -1), [
    "verdict: failure of a (failregex 1)",
    "    at a time that the line does not tell",
    "    fid    a, b",
    "    users  c, d",
  ]);
});
