import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-bad-"));
after(() => rmSync(folder, { recursive: true }));

const GOOD = "2024-05-23 21:59:50 bad 192.0.2.1\n";
const DATE = "2024-05-23 21:59:50 ";

interface Counts {
  readonly tested: number;
  readonly matched: number;
  readonly missed: number;
}

async function countsOf(content: string | Buffer, ...argv: string[]): Promise<Counts> {
  const log = join(folder, "bad.log");
  writeFileSync(log, content);
  const { code, out, err } = await runTester(["--json", ...argv, log, "bad <ADDR>$"]);
  assert.equal(code, 0, out + err);
  const { tested, matched, missed } = JSON.parse(out).lines;
  return { tested, matched, missed };
}

async function complaintOn(log: string): Promise<string> {
  const { code, out, err } = await runTester([log, "bad <ADDR>$"]);
  assert.equal(code, 255, out + err);
  return out.trimEnd().split("\n").at(-1)!;
}

describe("odd content", () => {
  const cases: readonly (readonly [name: string, content: string | Buffer, expected: readonly number[]])[] = [
    ["a line of ten megabytes", `${GOOD}${DATE}${"x ".repeat(5_000_000)}\n${GOOD}`, [3, 2, 1]],
    ["a matching line of ten megabytes", `${DATE}${"x ".repeat(5_000_000)}bad 192.0.2.1\n${GOOD}`, [2, 2, 0]],
    ["NUL bytes", `${GOOD}\0\0${DATE}bad\0 192.0.2.1\n${DATE}\0 bad 192.0.2.2\n${GOOD}`, [4, 3, 1]],
    ["carriage returns before newlines", GOOD.replace("\n", "\r\n").repeat(3), [3, 3, 0]],
    ["several carriage returns", GOOD.replace("\n", "\r\r\r\n").repeat(2), [2, 2, 0]],
    ["no newline at the end", `${GOOD}${DATE}bad 192.0.2.2`, [1, 1, 0]],
    ["nothing", "", [0, 0, 0]],
    ["only newlines and comments", "\n\n# x\n\r\n#\n", [0, 0, 0]],
    [
      "bytes that are no UTF-8",
      Buffer.concat([
        Buffer.from(DATE),
        Buffer.from([0xff, 0xc3, 0x28, 0x80]),
        Buffer.from(" bad 192.0.2.1\n"),
        Buffer.from(GOOD),
      ]),
      [2, 2, 0],
    ],
    [
      "encodings that change within a line",
      Buffer.concat([
        Buffer.from(`${DATE}jürgen `),
        Buffer.from("jürgen ", "latin1"),
        Buffer.from("jürgen", "utf16le"),
        Buffer.from(" bad 192.0.2.1\n"),
        Buffer.from(GOOD),
      ]),
      [2, 2, 0],
    ],
  ];
  for (const [name, content, [tested, matched, missed]] of cases) {
    test(name, async () => assert.deepEqual(await countsOf(content), { tested, matched, missed }));
  }

  test("a byte order mark and UTF-16", async () => {
    const text = `\ufeff${GOOD.repeat(3)}`;
    assert.deepEqual(await countsOf(Buffer.from(text, "utf16le"), "-e", "utf-16"), {
      tested: 3,
      matched: 3,
      missed: 0,
    });
  });
});

test("all lines are printed, however many they are", async () => {
  const log = join(folder, "many.log");
  const many = 300_000;
  writeFileSync(log, "x\n".repeat(many));
  const { code, out, err } = await runTester(["--print-all-missed", log, "bad <ADDR>$"]);
  assert.equal(code, 0, err);
  assert.equal(out.split("\n").filter((line) => line === "|  x").length, many);
});

describe("compressed logs", () => {
  const missing = spawnSync("xz", ["--version"]).error ? "the program xz is not installed" : false;
  const kinds = [
    ["gzip", gzipSync, false],
    ["zstd", zstdCompressSync, false],
    ["xz", (bytes: Buffer) => spawnSync("xz", ["-c"], { input: bytes }).stdout, missing],
  ] as const;
  for (const [name, compress, skip] of kinds) {
    test(`${name}, under a name that does not tell it`, { skip }, async () => {
      const packed = compress(Buffer.from(GOOD.repeat(30_000)));
      assert.deepEqual(await countsOf(packed), { tested: 30_000, matched: 30_000, missed: 0 });
    });

    test(`${name}, cut off`, { skip }, async () => {
      const log = join(folder, "cut.log");
      writeFileSync(log, compress(Buffer.from(GOOD.repeat(30_000))).subarray(0, 60));
      assert.match(await complaintOn(log), /^ERROR: Unable to decompress .*cut\.log: ./);
    });
  }

  test("two gzip members one behind the other, as logs that were appended to are", async () => {
    const packed = Buffer.concat([gzipSync(GOOD), gzipSync(GOOD)]);
    assert.deepEqual(await countsOf(packed), { tested: 2, matched: 2, missed: 0 });
  });
});

describe("no log at all", () => {
  async function hintOn(log: string): Promise<string> {
    let hint = "";
    const write = (text: string) => {
      hint += text;
    };
    const terminal = { write, columns: () => 80, now: () => 0 };
    const { code, out, err } = await runTester([log, "bad <ADDR>$"], { terminal });
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.match(out, /^Lines: 1 lines, /m);
    return hint;
  }

  test("a directory and a path that does not exist are lines, as in the reference; people get a hint", async () => {
    assert.equal(
      await hintOn(folder),
      `Hint: ${folder} is a directory, so the path itself is tested as a line.\n`,
    );
    const none = join(folder, "none.log");
    assert.equal(
      await hintOn(none),
      `Hint: there is no file ${none}, so the path itself is tested as a line.\n`,
    );
    assert.match(await hintOn("/dev/null"), /^Hint: \/dev\/null is no regular file, /);
    assert.equal(await hintOn("2024-05-23 21:59:50 GET /x"), "");
    assert.equal(await hintOn("door"), "");
  });

  describe("what may not be read is an error", () => {
    const secret = join(folder, "secret");
    mkdirSync(secret);
    const log = join(folder, "secret.log");
    writeFileSync(log, GOOD, { mode: 0 });
    writeFileSync(join(secret, "a.log"), GOOD);
    writeFileSync(join(secret, "f.conf"), "[Definition]\nfailregex = bad <ADDR>$\n");
    chmodSync(secret, 0);
    chmodSync(folder, 0o755);
    for (const [what, args, complaint] of [
      ["a file", [log, "bad <ADDR>$"], /^ERROR: Unable to open .*secret\.log: EACCES/],
      [
        "a file in a folder",
        [join(secret, "a.log"), "bad <ADDR>$"],
        /^ERROR: Unable to open .*a\.log: EACCES/,
      ],
      ["a filter's file", [GOOD, join(secret, "f.conf")], /^ERROR: Unable to open .*f\.conf: EACCES/],
      ["a configuration", ["-c", secret, GOOD, "door"], /^ERROR: Unable to open .*door: EACCES/],
    ] as const) {
      test(what, async () => {
        const isRoot = process.geteuid?.() === 0;
        // Root may read everything.
        if (isRoot) process.seteuid?.(65_534);
        try {
          const { code, out, err } = await runTester(args);
          assert.equal(code, 255, out + err);
          assert.match(out.trimEnd().split("\n").at(-1)!, complaint);
        } finally {
          if (isRoot) process.seteuid?.(0);
        }
      });
    }
  });

  test("text that is too long for the name of a file is text", async () => {
    for (const length of [300, 5000]) {
      const { code, out } = await runTester([
        "--json",
        `${DATE}${"x".repeat(length)} bad 192.0.2.1`,
        "bad <ADDR>$",
      ]);
      assert.equal(code, 0, out);
      assert.deepEqual(JSON.parse(out).lines, { tested: 1, ignored: 0, matched: 1, missed: 0 });
    }
    const { out } = await runTester([GOOD, "x".repeat(5000)]);
    assert.match(out, /^ERROR: No failure-id group in 'x+'$/m);
  });
});

test("a date pattern that cannot be compiled is named with the reason", async () => {
  const { code, out } = await runTester(["-d", "(%Y", GOOD, "bad <ADDR>$"]);
  assert.equal(code, 255);
  assert.match(out, /^ERROR: Failed to set datepattern '\(%Y': .* missing \), .* at position \d+$/m);
});
