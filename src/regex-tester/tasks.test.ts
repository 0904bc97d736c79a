import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { systemClock } from "../time/clock.ts";
import { runProgram } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-tasks-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "filter.d"));
writeFileSync(
  join(folder, "filter.d/door.conf"),
  "[Definition]\nfailregex = ^ door: <mode> user <F-USER>\\S+</F-USER> from <ADDR>$\n[Init]\nmode = bad\n",
);

async function regex(...argv: string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const code = await runProgram(["-c", folder, ...argv], {
    program: "fail2ban-regex",
    version: "1",
    clock: systemClock,
    variables: { LC_ALL: "C.UTF-8" },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      out += text;
    },
  });
  return { code, out };
}

function sampleFile(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

test("samples are checked, each mismatch is shown", async () => {
  const bad = "2024-05-23 21:59:50 door: bad user eve from 192.0.2.1";
  const good = sampleFile(
    "good.log",
    '# failJSON: {"time": "2024-05-23T21:59:50", "match": true, "host": "192.0.2.1", "user": "eve"}',
    bad,
    "# a comment",
    "2024-05-23 21:59:51 door: fine",
    '# filterOptions: [{"mode": "bad"}, {"mode": "odd"}]',
    `# failJSON: {"match": true, "constraint": "opts.get('mode') == 'bad'"}`,
    bad,
  );
  assert.deepEqual(await regex("--check-samples", good, "door"), { code: 0, out: "4 passed, 0 failed\n" });
  const wrong = sampleFile(
    "wrong.log",
    '# addFILE: "good.log"',
    '# failJSON: {"match": true, "host": "192.0.2.2"}',
    bad,
    bad,
    '# failJSON: {"match": true, "time": "2024-05-23T21:59:51"}',
    bad,
  );
  const { code, out } = await regex("--check-samples", wrong, "door");
  assert.equal(code, 1);
  assert.match(out, /wrong\.log:3: host: "192\.0\.2\.2" expected, found "?192\.0\.2\.1/);
  assert.match(out, /wrong\.log:4: no failure expected, found 192\.0\.2\.1 by failregex 1/);
  assert.match(out, /wrong\.log:6: time: /);
  assert.match(out, /\n4 passed, 3 failed\n$/);
});

test("an annotation that cannot be read is named with its place", async () => {
  const { code, out } = await regex("--check-samples", sampleFile("x.log", "# failJSON: {x}"), "door");
  assert.equal(code, 255);
  assert.match(out, /ERROR: .*x\.log:1: the annotation is not JSON/);
});

test("compressed logs are read whatever their name", async () => {
  const lines = "2024-05-23 21:59:50 door: bad user eve from 192.0.2.1\n".repeat(20_000);
  for (const [name, bytes] of [
    ["a.gz", gzipSync(lines)],
    ["b.zst", zstdCompressSync(lines)],
  ] as const) {
    writeFileSync(join(folder, name), bytes);
    const { code, out } = await regex("--json", join(folder, name), "door");
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out).lines, { tested: 20_000, ignored: 0, matched: 20_000, missed: 0 });
  }
  writeFileSync(join(folder, "cut.gz"), gzipSync(lines).subarray(0, 100));
  const { code, out } = await regex(join(folder, "cut.gz"), "door");
  assert.equal(code, 255);
  assert.match(out, /ERROR: Unable to decompress/);
});

test("the expressions of a filter, or one alone, are judged", async () => {
  assert.deepEqual(await regex("--lint", "door"), { code: 0, out: "nothing to remark\n" });
  const { code, out } = await regex("--lint", "^a( <ADDR>");
  assert.equal(code, 1);
  assert.match(out, /^failregex 1: Unable to compile.*\n1 remark\n$/s);
  assert.deepEqual(await regex("--lint", "window"), { code: 255, out: "ERROR: there is no filter window\n" });
});
