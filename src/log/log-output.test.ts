import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { after, test } from "node:test";
import { systemClock } from "../time/clock.ts";
import { LogOutput } from "./log-output.ts";
import { LogHub } from "./logger.ts";
import { LogTargetError } from "./target.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-log-"));
after(() => rmSync(dir, { recursive: true }));

function output(stdout: Writable = new PassThrough()): { out: LogOutput; hub: LogHub; early: string[] } {
  const early: string[] = [];
  const hub = new LogHub((record) => early.push(record.message));
  return { out: new LogOutput({ hub, clock: systemClock, stdout, stderr: stdout }), hub, early };
}

const messages = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^.*: [A-Z]+ +/, ""));

test("a file: private, announced, rotated, left", () => {
  const { out, hub } = output();
  const path = join(dir, "a.log");
  out.setTarget(`${path}[datetime=on]`);
  assert.equal(out.target, path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  renameSync(path, `${path}.1`);
  assert.equal(out.flush(), "rolled over");
  hub.logger("x").warning("after");
  assert.deepEqual(messages(`${path}.1`), [
    "Start Fail2ban v1.1.2.1",
    `Changed logging target to ${path} for Fail2ban v1.1.2.1`,
  ]);
  assert.deepEqual(messages(path), [`rollover performed on ${path}`, "after"]);
  out.setTarget(path);
  assert.equal(messages(path).length, 2);
  out.close();
});

test("a target that cannot be used leaves the old one", () => {
  const { out, early } = output();
  assert.throws(() => out.setTarget(join(dir, "no/such/dir.log")), LogTargetError);
  assert.match(early[0] ?? "", /^Unable to log to '.*no\/such\/dir.log': ENOENT/);
  const path = join(dir, "b.log");
  out.setTarget(path);
  for (const bad of [
    join(dir, "no/x.log"),
    "SYSTEMD-JOURNAL[format=%(oops)s]",
    "SYSLOG[facility=x]",
    "x[a=1",
  ]) {
    assert.throws(() => out.setTarget(bad), LogTargetError, bad);
    assert.equal(out.target, path);
  }
  assert.equal(messages(path).filter((line) => line === `Logging to previous target '${path}'`).length, 3);
  out.close();
});

test("levels and streams", () => {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const { out, hub } = output(stdout);
  out.setTarget("stdout[format=%(message)s]");
  assert.equal(out.target, "stdout");
  assert.equal(out.flush(), "flushed");
  out.setLevel("notice");
  assert.equal(out.level, "NOTICE");
  hub.logger("x").info("unseen");
  hub.logger("x").notice("seen");
  assert.throws(() => out.setLevel("BOGUS"), /Invalid log level 'BOGUS'/);
  assert.match(
    text,
    /Start Fail2ban.*\nChanged logging target to stdout .*\nflush performed on stdout\nseen\n$/,
  );
  out.setTarget("SYSOUT");
  assert.equal(out.flush(), "rolled over");
});
