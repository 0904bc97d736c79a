import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { follow, hubFor, temporaryDirectory } from "./testing.ts";

const LIMIT = { timeout: 300_000 };

/** A polled file: it is looked at when the test moves the clock, and only then. */
function polled(t: TestContext, content: string) {
  const clock = new ManualClock(1000);
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, content);
  const followed = follow(hubFor(t, { clock }), path, { mode: "polling" });
  /** Looks until the text is there; the test's time limit ends it otherwise. */
  const sees = async (text: string) => {
    while (followed.witness.text.length < text.length) {
      clock.advance(2);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(followed.witness.text, text);
  };
  return { clock, path, sees, ...followed };
}

test(
  "truncated and grown beyond the place of reading between two looks: read from the begin",
  LIMIT,
  async (t) => {
    const { path, sees, witness } = polled(t, "same first line\nold 1\nold 2\n");
    await sees("same first line\nold 1\nold 2\n");
    truncateSync(path, 0);
    const news = "same first line\nnew 1\nnew 2\nnew 3, and beyond where reading was\n";
    appendFileSync(path, news);
    await sees(`same first line\nold 1\nold 2\n${news}`);
    assert.equal(witness.messages.filter((m) => m.startsWith("Log rotation detected")).length, 1);
  },
);

test("copytruncate under a program that writes on where it was: nothing is read twice", LIMIT, async (t) => {
  const { path, clock, sees, witness } = polled(t, "");
  const fd = openSync(path, "w");
  t.after(() => closeSync(fd));
  writeSync(fd, "one\ntwo\n");
  await sees("one\ntwo\n");
  truncateSync(path, 0);
  writeSync(fd, "three\n");
  await sees("one\ntwo\nthree\n");
  clock.advance(40);
  writeSync(fd, "four\n");
  await sees("one\ntwo\nthree\nfour\n");
  // The same, with a look between truncation and writing; and a hole of several blocks.
  const before = `${witness.text}${"filler\n".repeat(100_000)}`;
  writeSync(fd, "filler\n".repeat(100_000));
  await sees(before);
  truncateSync(path, 0);
  while (!witness.messages.some((m) => m.startsWith("Log rotation detected"))) {
    clock.advance(2);
    await new Promise((resolve) => setImmediate(resolve));
  }
  writeSync(fd, "five\n");
  await sees(`${before}five\n`);
});

test("of two writers one goes on in the old file for a while: each one's order is kept", LIMIT, async (t) => {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, "a1\n");
  const { witness } = follow(hubFor(t), path);
  await witness.sees("a1\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "a2\n");
  await witness.sees("a1\na2\n");
  // The new file's event comes at once, that of the old one is waited with.
  for (let i = 1; i < 50; i++) {
    appendFileSync(`${path}.1`, `b${i} old\n`);
    appendFileSync(path, `b${i} new\n`);
    await witness.until(() => witness.lines.length >= 2 + 2 * i);
    assert.deepEqual(witness.lines.slice(-2), [`b${i} old`, `b${i} new`]);
  }
});

test("a file that cannot be read is tried again with growing pauses, and says so once", LIMIT, async (t) => {
  const { clock, path, sees, witness, subscription } = polled(t, "one\n");
  await sees("one\n");
  const fd = Number(readdirSync("/proc/self/fd").find((name) => targetOf(name) === path));
  closeSync(fd);
  appendFileSync(path, "two\n");
  const failed = () => witness.messages.filter((message) => message.startsWith("Unable to read"));
  while (failed().length === 0) {
    clock.advance(2);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < 30; i++) {
    clock.advance(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(failed()[0]!, /^Unable to read .*test\.log, it will be tried again: EBADF/);
  assert.ok(failed().length <= 2, "once for each kind of failure");
  assert.equal((await subscription.state(() => null)).health, "retrying");
  assert.equal(openSync(path, "r"), fd, "the same descriptor is a good one again");
  await sees("one\ntwo\n");
  while ((await subscription.state(() => null)).health !== "ok") await new Promise(setImmediate);
});

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(join("/proc/self/fd", descriptor));
  } catch {
    return "";
  }
}
