import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { fastClock } from "../../test/fast-clock.ts";
import { ManualClock } from "../time/clock.ts";
import { CommandTemplate } from "./dynamic-tags.ts";
import { SystemShell } from "./shell.ts";

/** On this clock commands are quick, and their output is read soon after they have ended, however busy the machine is. */
const shell = new SystemShell(fastClock(1 / 10));
const LIMIT = { timeoutSeconds: 60 };
const folder = mkdtempSync(join(tmpdir(), "enforce-"));
after(() => rmSync(folder, { recursive: true }));

function run(script: string, ...values: string[]) {
  return shell.run({ script, values }, LIMIT);
}

/** What a script does to tell that it has come so far, and the wait for it. */
const MARK = `: >${join(folder, "mark")}`;

async function marked(): Promise<void> {
  while (!existsSync(join(folder, "mark"))) await delay(5);
  rmSync(join(folder, "mark"));
}

describe("SystemShell", () => {
  it("tells exit code and both outputs", async () => {
    const result = await run("echo out; echo err >&2; exit 3");
    assert.deepEqual(result, {
      code: 3,
      timedOut: false,
      error: null,
      stdout: "out\n",
      stderr: "err\n",
      droppedBytes: 0,
    });
  });

  it("hands values over as arguments", async () => {
    assert.equal((await run('printf \'%s|\' "$0" "$1"', "a b", "'$(id)`")).stdout, "a b|'$(id)`|");
  });

  it("tells the signal that ended the shell", async () => {
    assert.equal((await run("kill -9 $$")).code, -9);
  });

  it("reads any amount of output and keeps the beginning", async () => {
    const result = await run(
      "head -c 1000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2",
    );
    assert.equal(result.code, 0);
    assert.equal(result.stdout, "x".repeat(65536));
    assert.equal(result.stderr, "y".repeat(65536));
    assert.equal(result.droppedBytes, 1_300_000 - 2 * 65536);
  });

  it("has nothing to read", async () => {
    assert.equal((await run("cat; echo end")).stdout, "end\n");
  });

  it("does not wait for what runs on in the background", async () => {
    const result = await run("sleep 20 & echo $!");
    assert.equal(result.code, 0);
    process.kill(Number(result.stdout), "SIGKILL");
  });

  it("ends a command and its children in time", async () => {
    const clock = new ManualClock(0);
    const running = new SystemShell(clock).run(
      { script: `echo begun; ${MARK}; sleep 20 | cat`, values: [] },
      LIMIT,
    );
    await marked();
    clock.advance(60);
    const result = await running;
    assert.deepEqual([result.code, result.timedOut, result.stdout], [-15, true, "begun\n"]);
  });

  it("kills what does not listen", async () => {
    const clock = new ManualClock(0);
    const script = `trap '' TERM; echo begun; ${MARK}; while :; do sleep 1; done`;
    const running = new SystemShell(clock).run({ script, values: [] }, LIMIT);
    await marked();
    clock.advance(60);
    clock.advance(0.2);
    const result = await running;
    assert.deepEqual([result.code, result.timedOut, result.stdout], [-9, true, "begun\n"]);
  });

  it("measures its limit on the given clock", async () => {
    const clock = new ManualClock(0);
    const running = new SystemShell(clock).run({ script: "sleep 20", values: [] }, { timeoutSeconds: 60 });
    clock.advance(59);
    clock.advance(1);
    assert.equal((await running).timedOut, true);
    assert.equal(clock.pending, 0);
  });

  it("leaves out what no process can be given", async () => {
    assert.equal((await run("printf '%s' \"$0\"", "a\0b")).stdout, "ab");
    const long = await run("printf '%s' \"$0\" | wc -c", "é".repeat(200_000));
    assert.equal(long.stdout.trim(), "131070");
  });

  it("tells why a command could not be started", async () => {
    const result = await run(`: ${"x".repeat(200_000)}`);
    assert.match(result.error?.message ?? "", /E2BIG/);
    assert.equal(result.code, null);
  });
});

describe("hostile values", () => {
  const canary = join(folder, "executed");

  /** Any text, and texts made of what shells take for syntax. */
  const value = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          ..."'\"`$(){}[]\\;&|<>*?~#!%=^ \t\n\r-".split(""),
          `$(touch ${canary})`,
          `\`touch ${canary}\``,
          `;touch ${canary};`,
          `\n touch ${canary}\n`,
          ["$", "{IFS}"].join(""),
          "$0",
          "f2bV_v",
          "<ip>",
          "<F-USER>",
          "\u0081\u0088",
          "\0",
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join("")),
  );

  it("arrive unchanged, and nothing of them is executed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 14 }), async (values) => {
        const tags = values.map((_, index) => `"<v${index}>"`).join(" ");
        const template = new CommandTemplate(`printf '%s\\001' ${tags}`);
        const command = await template.render({ value: (tag) => values[Number(tag.slice(1))] });
        const { stdout, stderr, code } = await shell.run(command, LIMIT);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, values.map((text) => `${text.replaceAll("\0", "")}\x01`).join(""));
        assert.equal(existsSync(canary), false);
      }),
      { numRuns: 100 },
    );
  });

  it("execute nothing without quotes either", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        const command = await new CommandTemplate("set -f; : <v> a=<v>").render({ value: () => text });
        assert.equal((await shell.run(command, LIMIT)).stdout, "");
        assert.equal(existsSync(canary), false);
      }),
      { numRuns: 60 },
    );
  });

  it("more than ten arrive in their places", async () => {
    const names = Array.from({ length: 25 }, (_, index) => `v${index}`);
    const template = new CommandTemplate(`printf '%s,' ${names.map((name) => `"<${name}>"`).join(" ")}`);
    const command = await template.render({ value: (tag) => `${tag}'` });
    assert.equal((await shell.run(command, LIMIT)).stdout, names.map((name) => `${name}',`).join(""));
  });

  it("keep apart where tags differ only in characters that variables cannot have", async () => {
    const command = await new CommandTemplate('echo "<a-b>" "<a.b>" "<a_b>"').render({
      value: (tag) => `${tag};`,
    });
    assert.equal((await shell.run(command, LIMIT)).stdout, "a-b; a.b; a_b;\n");
  });

  it("are passed apart when they are very long", async () => {
    const command = await new CommandTemplate("printf %s '<ip>' \"<v>\" | wc -c").render({
      value: (tag) => (tag === "v" ? "x".repeat(150_000) : "192.0.2.1"),
    });
    assert.equal((await shell.run(command, LIMIT)).stdout.trim(), String(131_071 + 9));
  });
});

describe("SystemShell.runAll", () => {
  const runAll = (commands: (readonly [string, ...string[]])[], by = shell) =>
    by.runAll(
      commands.map(([script, ...values]) => ({ script, values })),
      LIMIT,
    );

  it("runs commands in one go, each with its own output and values", async () => {
    const results = await runAll([
      ["echo one; echo err >&2"],
      ['v=$0 w=$1\nprintf %s "$v$w"', "$(exit 3); '\n", "two"],
      ["cat; exit 0"],
    ]);
    assert.deepEqual(
      results.map(({ code, stdout, stderr }) => [code, stdout, stderr]),
      [
        [0, "one\n", "err\n"],
        [0, "$(exit 3); '\ntwo", ""],
        [0, "", ""],
      ],
    );
  });

  it("ends after the first that fails", async () => {
    const results = await runAll([["echo a"], ["echo b >&2; exit 3"], ["echo c"]]);
    assert.deepEqual(
      results.map(({ code, stdout, stderr }) => [code, stdout, stderr]),
      [
        [0, "a\n", ""],
        [3, "", "b\n"],
      ],
    );
    assert.equal((await runAll([["echo a"], ["if"], ["echo c"]])).at(-1)?.code, 2, "no script at all");
  });

  it("limits the time of each", async () => {
    const clock = new ManualClock(0);
    const running = runAll([["true"], [`${MARK}; sleep 20`], ["true"]], new SystemShell(clock));
    await marked();
    clock.advance(60);
    const results = await running;
    assert.deepEqual(
      results.map(({ code, timedOut }) => [code, timedOut]),
      [
        [0, false],
        [-15, true],
      ],
    );
  });

  it("keeps the beginning of long outputs", async () => {
    const results = await runAll([["head -c 1000000 /dev/zero | tr '\\0' x"], ["echo b"]]);
    assert.equal(results[0]?.stdout, "x".repeat(64 * 1024));
    assert.equal(results[0]?.droppedBytes, 1_000_000 - 64 * 1024);
    assert.equal(results[1]?.stdout, "b\n");
  });
});

test("a program is fed a text", async () => {
  const { code, stdout } = await shell.feed(["wc", "-c"], "x".repeat(1_000_000), LIMIT);
  assert.deepEqual([code, stdout.trim()], [0, "1000000"]);
  const missing = await shell.feed(["/nonexistent/reader"], "x", LIMIT);
  assert.ok(missing.error);
  const deaf = await shell.feed(["true"], "x".repeat(1_000_000), LIMIT);
  assert.equal(deaf.code, 0);
});
