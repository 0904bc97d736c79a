import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { inspectLogFile } from "./first-line-hash.ts";
import { follow, hubFor, temporaryDirectory, Witness } from "./testing.ts";
import type { Watcher } from "./watcher.ts";

const LIMIT = { timeout: 300_000 };

function logFile(t: Parameters<typeof temporaryDirectory>[0], content = "one\ntwo\n"): string {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, content);
  return path;
}

for (const mode of ["inotify", "polling"] as const) {
  test(`${mode}: reads what is there, then what comes`, LIMIT, async (t) => {
    const path = logFile(t);
    const { witness, subscription } = follow(hubFor(t), path, { mode });
    await witness.until(() => witness.ends === 1);
    assert.equal(witness.text, "one\ntwo\n");
    assert.equal(witness.blocks[0]?.inOperation, false);
    appendFileSync(path, "three\nfo");
    await witness.sees("one\ntwo\nthree\n");
    assert.equal(subscription.position, 14);
    appendFileSync(path, "ur\n");
    await witness.sees("one\ntwo\nthree\nfour\n");
    assert.equal(witness.text, "one\ntwo\nthree\nfour\n");
    assert.equal(subscription.position, 19);
    assert.equal(witness.blocks.at(-1)?.inOperation, true);
    assert.equal(witness.ends, 1);
    assert.equal(subscription.firstLineHash, inspectLogFile(path).firstLineHash);
    subscription.close();
    assert.ok(witness.messages.includes(`Removed logfile: '${path}'`));
  });

  test(`${mode}: rename and create loses and doubles nothing`, LIMIT, async (t) => {
    const path = logFile(t);
    const { witness, subscription } = follow(hubFor(t), path, { mode });
    await witness.sees("one\ntwo\n");
    let expected = "one\ntwo\n";
    for (let round = 0; round < 3; round++) {
      appendFileSync(path, `old ${round}\n`);
      renameSync(path, `${path}.1`);
      appendFileSync(`${path}.1`, `late ${round}\n`);
      writeFileSync(path, `new ${round}\n`);
      expected += `old ${round}\nlate ${round}\nnew ${round}\n`;
      await witness.sees(expected);
      assert.equal(witness.text, expected);
      assert.equal(subscription.position, 6);
    }
    assert.equal(witness.messages.filter((m) => m.startsWith("Log rotation detected for")).length, 3);
  });

  test(
    `${mode}: lines written to the old file after the new one appeared are still read`,
    LIMIT,
    async (t) => {
      const path = logFile(t);
      const { witness } = follow(hubFor(t), path, { mode });
      await witness.sees("one\ntwo\n");
      renameSync(path, `${path}.1`);
      writeFileSync(path, "new\n");
      await witness.sees("one\ntwo\nnew\n");
      appendFileSync(`${path}.1`, "late\n");
      await witness.sees("one\ntwo\nnew\nlate\n");
      assert.equal(witness.text, "one\ntwo\nnew\nlate\n");
    },
  );

  test(`${mode}: copytruncate`, LIMIT, async (t) => {
    const path = logFile(t);
    const { witness, subscription } = follow(hubFor(t), path, { mode });
    await witness.sees("one\ntwo\n");
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
    await witness.hears("Log rotation detected").catch(() => {});
    appendFileSync(path, "x\n");
    await witness.sees("one\ntwo\nx\n");
    assert.equal(witness.text, "one\ntwo\nx\n");
    assert.equal(subscription.position, 2);
    assert.equal(subscription.firstLineHash, inspectLogFile(path).firstLineHash);
  });

  test(`${mode}: a file that vanishes and comes back`, LIMIT, async (t) => {
    const path = logFile(t);
    const { witness } = follow(hubFor(t), path, { mode });
    await witness.sees("one\ntwo\n");
    unlinkSync(path);
    await witness.hears("Log absence detected (possibly rotation)");
    writeFileSync(path, "back\n");
    await witness.sees("one\ntwo\nback\n");
    assert.equal(witness.text, "one\ntwo\nback\n");
  });

  test(`${mode}: a file moved away and back goes on where it was`, LIMIT, async (t) => {
    const path = logFile(t);
    const { witness } = follow(hubFor(t), path, { mode });
    await witness.sees("one\ntwo\n");
    renameSync(path, `${path}.away`);
    await witness.until(() => witness.messages.some((m) => /absence.*(IN_IGNORED|ENOENT)/.test(m)));
    renameSync(`${path}.away`, path);
    appendFileSync(path, "three\n");
    await witness.sees("one\ntwo\nthree\n");
    assert.equal(witness.text, "one\ntwo\nthree\n");
  });

  test(`${mode}: a symbolic link that is switched`, LIMIT, async (t) => {
    const directory = temporaryDirectory(t);
    const [a, b, path] = [join(directory, "x", "a"), join(directory, "y", "b"), join(directory, "link")];
    mkdirSync(join(directory, "x"));
    mkdirSync(join(directory, "y"));
    writeFileSync(a, "a1\n");
    writeFileSync(b, "b1\n");
    symlinkSync(a, path);
    const { witness } = follow(hubFor(t), path, { mode });
    await witness.sees("a1\n");
    appendFileSync(a, "a2\n");
    await witness.sees("a1\na2\n");
    symlinkSync(b, `${path}.new`);
    renameSync(`${path}.new`, path);
    await witness.sees("a1\na2\nb1\n");
    appendFileSync(b, "b2\n");
    await witness.sees("a1\na2\nb1\nb2\n");
    assert.equal(witness.text, "a1\na2\nb1\nb2\n");
  });

  test(`${mode}: a file that was empty when added and then replaced is read once`, LIMIT, async (t) => {
    const path = logFile(t, "");
    const { witness } = follow(hubFor(t), path, { mode });
    await witness.until(() => witness.ends === 1);
    writeFileSync(`${path}.new`, "a\n");
    renameSync(`${path}.new`, path);
    await witness.sees("a\n");
    appendFileSync(path, "b\n");
    await witness.sees("a\nb\n");
    assert.equal(witness.text, "a\nb\n");
  });
}

test("the directory of a log may vanish and come back", LIMIT, async (t) => {
  const base = temporaryDirectory(t);
  const directory = join(base, "logs");
  const path = join(directory, "test.log");
  mkdirSync(directory);
  writeFileSync(path, "one\n");
  const { witness } = follow(hubFor(t), path);
  await witness.sees("one\n");
  renameSync(directory, `${directory}.old`);
  await witness.hears("reason: IN_IGNORED");
  mkdirSync(directory);
  writeFileSync(path, "two\n");
  await witness.sees("one\ntwo\n");
  appendFileSync(path, "three\n");
  await witness.sees("one\ntwo\nthree\n");
  assert.equal(witness.text, "one\ntwo\nthree\n");
});

test("jails that read one file share the reading once they stand at one place", LIMIT, async (t) => {
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} of the file\n`).join("");
  const path = logFile(t, lines);
  const hub = hubFor(t, { blockBytes: 4096 });
  const firstLineHash = inspectLogFile(path).firstLineHash;
  const behind = follow(hub, path);
  const ahead = follow(hub, path, {
    start: { offset: Buffer.byteLength(lines.slice(0, lines.indexOf("line 1500 "))), firstLineHash },
  });
  const latin = follow(hub, path, { encoding: "latin-1" });
  await Promise.all([behind, ahead, latin].map(({ witness }) => witness.until(() => witness.ends === 1)));
  assert.equal(behind.witness.text, lines);
  assert.equal(latin.witness.text, lines);
  assert.equal(ahead.witness.text, lines.slice(lines.indexOf("line 1500 ")));
  appendFileSync(path, "and on\n");
  await Promise.all(
    [behind, ahead].map(({ witness }) => witness.until(() => witness.text.endsWith("and on\n"))),
  );
  assert.equal(behind.witness.blocks.at(-1)?.start, ahead.witness.blocks.at(-1)?.start);
});

test("a paused jail reads nothing and misses nothing, not even over a rotation", LIMIT, async (t) => {
  const path = logFile(t);
  const hub = hubFor(t);
  const idle = follow(hub, path, { paused: true });
  const other = follow(hub, path);
  await other.witness.sees("one\ntwo\n");
  appendFileSync(path, "three\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "four\n");
  await other.witness.sees("one\ntwo\nthree\nfour\n");
  assert.equal(idle.witness.text, "");
  idle.subscription.resume();
  await idle.witness.sees("one\ntwo\nthree\nfour\n");
  assert.equal(idle.witness.text, "one\ntwo\nthree\nfour\n");
  assert.equal(idle.subscription.position, 5);
});

test("the start position counts only for the file it belongs to", LIMIT, async (t) => {
  const path = logFile(t);
  const hub = hubFor(t);
  const { firstLineHash } = inspectLogFile(path);
  const kept = follow(hub, path, { start: { offset: 4, firstLineHash } });
  const other = follow(hub, path, { start: { offset: 4, firstLineHash: "0".repeat(40) } });
  const beyond = follow(hub, path, { start: { offset: 400, firstLineHash } });
  await Promise.all([kept, other, beyond].map(({ witness }) => witness.until(() => witness.ends === 1)));
  assert.equal(kept.witness.text, "two\n");
  assert.equal(other.witness.text, "one\ntwo\n");
  assert.equal(beyond.witness.text, "one\ntwo\n");
});

test("a file rewritten in place is recognised by its first line, at most every 30 s", LIMIT, async (t) => {
  const path = logFile(t);
  const clock = new ManualClock(1_000_000);
  const { witness, subscription } = follow(hubFor(t, { clock }), path);
  await witness.until(() => witness.ends === 1);
  clock.advance(31);
  writeFileSync(path, "ONE\nTWO\nTHREE\n");
  await witness.hears("Log rotation detected");
  await witness.sees("one\ntwo\nONE\nTWO\nTHREE\n");
  assert.equal(witness.text, "one\ntwo\nONE\nTWO\nTHREE\n");
  assert.equal(subscription.position, 14);
});

test("lines of more than a block, and lines that are too long", LIMIT, async (t) => {
  const long = "x".repeat(50_000);
  const path = logFile(t, `first\n${long}\nlast\n`);
  const hub = hubFor(t, { blockBytes: 1024, longestLine: 100_000 });
  const { witness } = follow(hub, path);
  await witness.until(() => witness.ends === 1);
  assert.deepEqual(witness.lines, ["first", long, "last"]);
  appendFileSync(path, "y".repeat(200_000));
  appendFileSync(path, "y\nafter\n");
  await witness.until(() => witness.lines.at(-1) === "after");
  assert.deepEqual(witness.lines, ["first", long, "last", "after"]);
  assert.ok(witness.messages.some((m) => m.startsWith("Skipped a line of 200002 bytes")));
});

test("bytes that cannot be decoded are reported once a day", LIMIT, async (t) => {
  const path = logFile(t, "fine\n");
  appendFileSync(path, Buffer.from("bad \xff\nfine\n", "latin1"));
  const clock = new ManualClock(1_000_000);
  const { witness } = follow(hubFor(t, { clock }), path);
  await witness.until(() => witness.ends === 1);
  assert.deepEqual(witness.lines, ["fine", "bad \ufffd", "fine"]);
  const warnings = () => witness.messages.filter((m) => /(de|en)coding/.test(m));
  assert.deepEqual(warnings(), [
    `Error decoding line from '${path}' with 'UTF-8'.`,
    "Consider setting logencoding to appropriate encoding for this jail. Continuing to process line " +
      "ignoring invalid characters: b'bad \\xff\\n'",
  ]);
});

test("UTF-16 with a byte order mark, and a change of the encoding", LIMIT, async (t) => {
  const path = join(temporaryDirectory(t), "test.log");
  writeFileSync(path, Buffer.from("\ufeffzwölf\nü\u0a0a\n", "utf16le"));
  const { witness, subscription } = follow(hubFor(t), path, { encoding: "utf-16" });
  await witness.until(() => witness.ends === 1);
  assert.deepEqual(witness.lines, ["zwölf", "ü\u0a0a"]);
  subscription.setEncoding("latin-1");
  appendFileSync(path, Buffer.from([0xe9, 0x0a]));
  await witness.until(() => witness.lines.length === 3);
  assert.equal(witness.lines[2], "é");
  assert.throws(() => subscription.setEncoding("x"), /unknown encoding: x/);
});

test("without watches left, files are polled, with one warning", LIMIT, async (t) => {
  const watcher: Watcher = {
    watch() {
      throw Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), {
        code: "ENOSPC",
      });
    },
  };
  const hubWitness = new Witness();
  const path = logFile(t);
  const hub = hubFor(t, { watcher, log: hubWitness.log });
  const { witness } = follow(hub, path);
  await witness.sees("one\ntwo\n");
  appendFileSync(path, "three\n");
  await witness.sees("one\ntwo\nthree\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "four\n");
  await witness.sees("one\ntwo\nthree\nfour\n");
  assert.equal(witness.text, "one\ntwo\nthree\nfour\n");
  assert.equal(hubWitness.messages.filter((m) => m.startsWith("Unable to watch directory")).length, 1);
});

test("a file on a network file system is looked at every now and then", LIMIT, async (t) => {
  const path = logFile(t);
  const clock = new ManualClock(1000);
  const silent: Watcher = { watch: () => () => {} };
  const hub = hubFor(t, { clock, watcher: silent, fileSystemOf: async () => 0x6969 });
  const { witness, subscription } = follow(hub, path);
  await witness.until(() => witness.ends === 1);
  assert.equal((await subscription.state(() => null)).reader, "polling");
  appendFileSync(path, "three\n");
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  // Far sooner than the look that makes up for lost events.
  clock.advance(2);
  await witness.sees("one\ntwo\nthree\n");
});

test("lost events are made up for", LIMIT, async (t) => {
  const clock = new ManualClock(1_000_000);
  const path = logFile(t);
  const { witness } = follow(hubFor(t, { clock, watcher: { watch: () => () => {} } }), path);
  await witness.until(() => witness.ends === 1);
  appendFileSync(path, "three\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "four\n");
  while (witness.lines.length < 4) {
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(witness.lines, ["one", "two", "three", "four"]);
});

test("a polled file is never given up", LIMIT, async (t) => {
  const clock = new ManualClock(1_000_000);
  const path = logFile(t);
  const { witness } = follow(hubFor(t, { clock }), path, { mode: "polling" });
  await witness.until(() => witness.ends === 1);
  unlinkSync(path);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  while (!witness.messages.some((m) => m.includes("is missing for"))) {
    clock.advance(1);
    await settle();
  }
  writeFileSync(path, "back\n");
  while (witness.lines.length < 3) {
    clock.advance(1);
    await settle();
  }
  assert.deepEqual(witness.lines, ["one", "two", "back"]);
});

test("a file that is read from its end is in operation at once", LIMIT, async (t) => {
  const path = logFile(t);
  const start = { offset: 8, firstLineHash: inspectLogFile(path).firstLineHash };
  const { witness, subscription } = follow(hubFor(t), path, { start, inOperation: true });
  assert.equal(subscription.inOperation, true);
  appendFileSync(path, "three\n");
  await witness.sees("three\n");
  assert.equal(witness.blocks[0]?.inOperation, true);
});

test("/dev/null is an empty log", LIMIT, async (t) => {
  const { witness, subscription } = follow(hubFor(t), "/dev/null");
  await witness.until(() => witness.ends === 1);
  assert.equal(subscription.position, 0);
});

test("a log that is replaced by a pipe is not read, says so once, and holds nobody up", LIMIT, async (t) => {
  const path = logFile(t);
  const hub = hubFor(t);
  const { witness, subscription } = follow(hub, path);
  await witness.sees("one\ntwo\n");
  unlinkSync(path);
  execFileSync("mkfifo", [path]);
  await witness.hears(`Unable to open ${path}: ${path} is a pipe, not a log file`);
  assert.equal((await subscription.state(() => null)).health, "retrying");
  unlinkSync(path);
  writeFileSync(path, "three\n");
  await witness.sees("one\ntwo\nthree\n");
  assert.equal(witness.messages.filter((message) => message.startsWith("Unable to open")).length, 1);
});

test("an exception of a reader does not stop the reading", LIMIT, async (t) => {
  const path = logFile(t);
  const witness = new Witness();
  follow(hubFor(t), path, {
    log: witness.log,
    onBlock(block) {
      witness.onBlock(block);
      if (witness.blocks.length === 1) throw new Error("bad line");
    },
  });
  await witness.hears("caught exception: bad line");
  appendFileSync(path, "three\n");
  await witness.sees("one\ntwo\nthree\n");
});

test("whatever is appended in whatever pieces arrives once and in order", LIMIT, async (t) => {
  const path = logFile(t, "");
  const { witness, subscription } = follow(hubFor(t, { blockBytes: 512 }), path);
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  let written = "";
  for (let i = 0; i < 300; i++) {
    const piece = Array.from({ length: random(4) }, () => `${"z".repeat(random(400))}${i}\n`).join("") + i;
    appendFileSync(path, piece);
    written += piece;
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  appendFileSync(path, "\n");
  written += "\n";
  await witness.sees(written);
  assert.equal(witness.text, written);
  assert.equal(witness.text, readFileSync(path, "utf8"));
  assert.equal(subscription.position, written.length);
});
