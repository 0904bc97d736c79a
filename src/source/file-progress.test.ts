import assert from "node:assert/strict";
import { appendFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { follow, hubFor, temporaryDirectory } from "./testing.ts";

const LIMIT = { timeout: 300_000 };
const NOW = 1000;
/** Lines of these tests begin with their time. */
const timeOf = (line: string) => Number(/^\d+/.exec(line)?.[0] ?? Number.NaN) || null;

test("the state of a file tells what waits, from when it is, and what was read last", LIMIT, async (t) => {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, "900 a\n905 b\n");
  const { witness, subscription } = follow(hubFor(t, { clock: new ManualClock(NOW) }), path);
  await witness.until(() => witness.ends === 1);
  const { ino, dev } = statSync(path);
  const calm = { bytes: 0, lines: 0, linesExact: true, seconds: 0 };
  const known = { name: path, reader: "inotify", fault: null, lastReadAt: NOW, cursor: null };
  assert.deepEqual(await subscription.state(timeOf), {
    ...known,
    health: "ok",
    lag: calm,
    lastLineTime: 905,
    file: { position: 12, size: 12, inode: ino, device: dev },
  });
  subscription.pause();
  appendFileSync(path, "910 c\n920 d\n930 ha");
  assert.deepEqual(await subscription.state(timeOf), {
    ...known,
    health: "idle",
    lag: { bytes: 12, lines: 2, linesExact: true, seconds: 90 },
    lastLineTime: 905,
    file: { position: 12, size: 30, inode: ino, device: dev },
  });
  subscription.resume();
  await witness.until(() => witness.lines.length === 4);
  const end = await subscription.state(timeOf);
  assert.deepEqual(end.lag, calm, "a line that is being written does not wait for the reader");
  assert.equal(end.lastLineTime, 920);
});

test("what waits in a rotated file counts too; many lines are estimated from the first", LIMIT, async (t) => {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, "900 a\n");
  const { witness, subscription } = follow(hubFor(t), path);
  await witness.until(() => witness.ends === 1);
  subscription.pause();
  appendFileSync(path, "901 b\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "902 c\n".repeat(100_000));
  await witness.hears("Log rotation detected");
  const { lag } = await subscription.state(timeOf);
  assert.equal(lag.bytes, 600_006);
  assert.equal(lag.linesExact, false);
  assert.equal(lag.lines, 100_001);
});

test(
  "a file that is not there is waited for, since it went; its last line is still known",
  LIMIT,
  async (t) => {
    const path = join(temporaryDirectory(t), "test.log");
    writeFileSync(path, "900 a\n");
    const { witness, subscription } = follow(hubFor(t, { clock: new ManualClock(NOW) }), path);
    await witness.until(() => witness.ends === 1);
    unlinkSync(path);
    await witness.hears("IN_IGNORED");
    const state = await subscription.state(timeOf);
    assert.equal(state.health, "waiting");
    assert.equal(state.fault?.since, NOW);
    assert.match(state.fault?.reason ?? "", /ENOENT.*test\.log/);
    assert.equal(state.lastLineTime, 900);
    writeFileSync(path, "950 b\n");
    await witness.until(() => witness.lines.length === 2);
    assert.equal((await subscription.state(timeOf)).health, "ok");
  },
);

test("without watches of the system the reader is polling", LIMIT, async (t) => {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, "900 a\n");
  const watch = () => {
    throw Object.assign(new Error("ENOSPC: no watches left"), { code: "ENOSPC" });
  };
  const { witness, subscription } = follow(hubFor(t, { watcher: { watch } }), path);
  await witness.until(() => witness.ends === 1);
  assert.equal((await subscription.state(timeOf)).reader, "polling");
});
