import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { CommandLog } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import type { ShellResult } from "./shell.ts";

const OK: ShellResult = { code: 0, timedOut: false, error: null, stdout: "", stderr: "", droppedBytes: 0 };
const COMMAND: ShellCommand = { script: "echo x", values: [] };

function lines(result: Partial<ShellResult>, command = COMMAND, level: number = LEVELS.INFO): string[] {
  const out: string[] = [];
  const hub = new LogHub((record) => out.push(`${record.level} ${record.message}`), level);
  new CommandLog(hub.logger("utils")).write(command, { ...OK, ...result }, 60);
  return out.map((line) => line.replace(/ [0-9a-f]{12} -- /, " ID -- "));
}

describe("CommandLog", () => {
  it("says nothing of success at INFO", () => {
    assert.deepEqual(lines({ stdout: "x\n" }), []);
  });

  it("shows output of success at DEBUG, the command below", () => {
    assert.deepEqual(lines({ stdout: "x\n" }, COMMAND, LEVELS.DEBUG), [
      "10 ID -- stdout: 'x'",
      "10 ID -- returned successfully 0",
    ]);
    assert.deepEqual(lines({}, COMMAND, LEVELS.HEAVYDEBUG), [
      "9 ID -- exec: echo x",
      "10 ID -- returned successfully 0",
    ]);
  });

  it("shows all of a failure", () => {
    assert.deepEqual(
      lines({ code: 3, stdout: "it's 'x' ä\n", stderr: "two\nlines\n\n\uFFFD\rx", droppedBytes: 7 }),
      [
        "40 ID -- exec: echo x",
        `40 ID -- stdout: "it's 'x' ä"`,
        "40 ID -- stderr: 'two'",
        "40 ID -- stderr: 'lines'",
        "40 ID -- stderr: ''",
        "40 ID -- stderr: '\uFFFD'",
        "40 ID -- stderr: 'x'",
        "40 ID -- output: 7 bytes more",
        "40 ID -- returned 3",
      ],
    );
  });

  it("shows script and values as a list", () => {
    const command = { script: 'f2bV_ip=$0 \nexit 3 "$f2bV_ip"', values: ["it's;x"] };
    assert.equal(
      lines({ code: 3 }, command)[0],
      `40 ID -- exec: ['f2bV_ip=$0 \\nexit 3 "$f2bV_ip"', "it's;x"]`,
    );
  });

  for (const [code, text] of [
    [128, "returned 128"],
    [130, "killed with SIGINT (return code: 130)"],
    [200, "killed with signal 72 (return code: 200)"],
    [-9, "killed with SIGKILL (return code: -9)"],
    [null, "did not end after SIGKILL"],
  ] as const) {
    it(`names the end ${code}`, () => assert.equal(lines({ code }).at(-1), `40 ID -- ${text}`));
  }

  it("tells of the time limit", () => {
    assert.deepEqual(lines({ code: -15, timedOut: true, stdout: "a" }), [
      "40 ID -- exec: echo x",
      "40 ID -- timed out after 60 seconds.",
      "40 ID -- stdout: 'a'",
      "40 ID -- killed with SIGTERM (return code: -15)",
    ]);
  });

  it("hints at missing commands", () => {
    const hint = lines({ code: 127 }).at(-1) ?? "";
    assert.ok(
      hint.startsWith(
        `20 HINT on 127: "Command not found".  Make sure that all commands in 'echo x' are in the PATH`,
      ),
      hint,
    );
  });

  it("tells what could not be started", () => {
    assert.deepEqual(lines({ code: null, error: new Error("spawn E2BIG") }), [
      "40 echo x -- failed with spawn E2BIG",
    ]);
  });
});
