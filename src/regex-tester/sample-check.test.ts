import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { runTester } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-samples-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "filter.d"));
writeFileSync(
  join(folder, "filter.d/door.conf"),
  String.raw`[Definition]
failregex = ^ door: <mode> user <F-USER>\S+</F-USER> from <ADDR>(?: at gate (?P<gate>\d+))?$
            ^ door: key of <F-ID>\w+</F-ID> refused$
            ^ <F-MLFID>visit \d+</F-MLFID>: <F-NOFAIL>knock</F-NOFAIL> by <ADDR>$
            ^ <F-MLFID>visit \d+</F-MLFID>: wrong word$
ignoreregex = user tester
[Init]
mode = bad
`,
);

const DATE = "2024-05-23 21:59:50";
const BAD = `${DATE} door: bad user eve from 192.0.2.1 at gate 7`;
const ODD = `${DATE} door: odd user eve from 192.0.2.2`;

/** What checking a file of these lines prints, and the exit code. */
async function check(lines: readonly string[], filter = "door"): Promise<{ code: number; out: string }> {
  const file = join(folder, "x.log");
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const { code, out, err } = await runTester(["-c", folder, "--check-samples", file, filter]);
  return { code, out: (out + err).replaceAll(folder, "") };
}

async function passes(count: number, ...lines: string[]): Promise<void> {
  assert.deepEqual(await check(lines), { code: 0, out: `${count} passed, 0 failed\n` });
}

/** That one line fails, with this message. */
async function fails(message: RegExp, ...lines: string[]): Promise<void> {
  const { code, out } = await check(lines);
  assert.equal(code, 1);
  assert.match(out, message);
  assert.match(out, /\n\d+ passed, 1 failed\n$/);
}

function failJson(expectation: object): string {
  return `# failJSON: ${JSON.stringify(expectation)}`;
}

describe("keys of failJSON", () => {
  test("match", async () => {
    await passes(1, failJson({ match: true }), BAD);
    await passes(1, failJson({ match: false }), ODD);
    await fails(/^\/x\.log:2: a failure expected, found none\n\|.*odd user/, failJson({ match: true }), ODD);
    await fails(
      /^\/x\.log:2: no failure expected, found 192\.0\.2\.1 by failregex 1\n/,
      failJson({ match: false }),
      BAD,
    );
  });

  test("none: no failure is expected", async () => {
    await passes(2, ODD, `${DATE} door: bad user tester from 192.0.2.1`);
    await fails(/no failure expected/, BAD);
  });

  test("host and id", async () => {
    await passes(1, failJson({ match: true, host: "192.0.2.1" }), BAD);
    await passes(1, failJson({ match: true, id: "k7" }), `${DATE} door: key of k7 refused`);
    await fails(
      /x\.log:2: host: "192\.0\.2\.9" expected, found "192\.0\.2\.1"\n/,
      failJson({ match: true, host: "192.0.2.9" }),
      BAD,
    );
  });

  test("time", async () => {
    await passes(
      2,
      failJson({ match: true, time: "2024-05-23T21:59:50" }),
      BAD,
      failJson({ match: true, time: null }),
      BAD,
    );
    await fails(
      /time: "2024-05-23T21:59:51" expected, found .*21:59:50/,
      failJson({ match: true, time: "2024-05-23T21:59:51" }),
      BAD,
    );
  });

  test("time, whose year does not count where the line has none", async () => {
    const line = BAD.replace(DATE, "May 23 21:59:50");
    await passes(1, failJson({ match: true, time: "2005-05-23T21:59:50" }), line);
    await fails(/time:/, failJson({ match: true, time: "2005-05-24T21:59:50" }), line);
  });

  test("user and any other group, all that differ", async () => {
    await passes(1, failJson({ match: true, user: "eve", gate: "7", ip4: "192.0.2.1" }), BAD);
    await fails(
      /x\.log:2: user: "bob" expected, found "eve"; gate: "8" expected, found "7"; key: "k" expected, found null\n/,
      failJson({ match: true, user: "bob", gate: "8", key: "k" }),
      BAD,
    );
  });

  test("attempts", async () => {
    const knock = `${DATE} visit 5: knock by 192.0.2.5`;
    const word = `${DATE} visit 5: wrong word`;
    await passes(
      3,
      failJson({ match: true, attempts: 1 }),
      BAD,
      knock,
      failJson({ match: true, host: "192.0.2.5", attempts: 2 }),
      word,
    );
    await fails(/attempts: 1 expected, found 2/, knock, failJson({ match: true, attempts: 1 }), word);
  });

  test("desc is a remark", async () => {
    await passes(1, failJson({ match: true, desc: "as of version 7" }), BAD);
  });
});

describe("constraint", () => {
  const options = '# filterOptions: [{"mode": "bad"}, {"mode": "odd"}]';

  test("by an option", async () => {
    await passes(2, options, failJson({ match: true, constraint: "opts.get('mode') == 'odd'" }), ODD);
    await passes(2, options, failJson({ match: true, constraint: 'opts.get("mode") != "bad"' }), ODD);
    await fails(
      /^\/x\.log:3 \[mode=odd\]: no failure expected, found 192\.0\.2\.2/,
      options,
      failJson({ match: true, constraint: "opts.get('mode') == 'even'" }),
      ODD,
    );
  });

  test("by the name of the filter, with and, or", async () => {
    await passes(1, failJson({ match: true, constraint: "name == 'door'" }), BAD);
    await passes(
      2,
      options,
      failJson({ match: true, constraint: "name == 'door' and opts.get('mode') == 'odd'" }),
      ODD,
    );
    await passes(
      2,
      options,
      failJson({ match: true, constraint: "name == 'gate' or opts.get('mode') == 'bad'" }),
      BAD,
    );
  });

  test("that is something else is told", async () => {
    await fails(
      /the constraint is not understood: len\(name\)/,
      failJson({ match: true, constraint: "len(name)" }),
      BAD,
    );
  });
});

describe("options", () => {
  test("of the filter hold for the lines that follow", async () => {
    const odd = '# filterOptions: {"mode": "odd"}';
    await passes(4, ODD, odd, failJson({ match: true }), ODD, BAD, "# filterOptions: {}", ODD);
  });

  test("of the file hold with all of the filter's", async () => {
    await passes(
      2,
      '# fileOptions: {"mode": "odd"}',
      '# filterOptions: [{}, {"mode": "odd"}]',
      failJson({ match: true }),
      ODD,
    );
  });

  test("of the command line win, also in constraints", async () => {
    const lines = [
      '# filterOptions: {"mode": "bad"}',
      failJson({ match: true, constraint: "opts.get('mode') == 'odd'" }),
      ODD,
    ];
    assert.deepEqual(await check(lines, "door[mode=odd]"), { code: 0, out: "1 passed, 0 failed\n" });
  });
});

test("more files are added", async () => {
  writeFileSync(join(folder, "more.log"), `${failJson({ match: true })}\n${ODD}\n# addFILE: "x.log"\n`);
  await fails(/^\/more\.log:2: a failure expected/, '# addFILE: "more.log"', failJson({ match: true }), BAD);
  const missing = await check(['# addFILE: "none.log"']);
  assert.equal(missing.code, 255);
  assert.match(missing.out, /ERROR: Unable to open \/none\.log: /);
});

test("annotations that mean nothing are named with their place", async () => {
  for (const [line, message] of [
    ["# failJSON: {match: true}", /^ERROR: \/x\.log:1: the annotation is not JSON/],
    ["# failJSON: true", /^ERROR: \/x\.log:1: an object in braces is expected, found true/],
    ["# filterOptions: [1]", /^ERROR: \/x\.log:1: an object in braces is expected, found 1/],
    ['# failJSON: {"match": true}', /^ERROR: \/x\.log:1: no line follows this failJSON/],
  ] as const) {
    const { code, out } = await check([line]);
    assert.equal(code, 255, line);
    assert.match(out, message);
  }
});

test("a filter that is not there, and options that cannot be read, are told", async () => {
  assert.deepEqual(await check([BAD], "window"), { code: 255, out: "ERROR: there is no filter window\n" });
  const { code, out } = await check([BAD], "door[mode");
  assert.equal(code, 255);
  assert.match(out, /ERROR: /);
});
