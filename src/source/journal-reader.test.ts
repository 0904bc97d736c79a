import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock, systemClock } from "../time/clock.ts";
import { type JournalSelection, selectJournal } from "./journal-arguments.ts";
import type { JournalEntry } from "./journal-export.ts";
import { type JournalProcessEvents, runJournalctl } from "./journal-process.ts";
import { JournalReader, type JournalReaderOptions, type JournalStart } from "./journal-reader.ts";
import { skipWithoutJournal, TestJournal } from "./journal-testing.ts";
import { temporaryDirectory } from "./testing.ts";
import { systemWatcher } from "./watcher.ts";

const SKIP = skipWithoutJournal();
const BEGIN = 1_763_718_000_000_000;

/** Reads a test's journal and remembers what came, with the place to go on from. */
class Follower {
  readonly messages: string[] = [];
  readonly trouble: string[] = [];
  fresh = 0;
  caughtUp = 0;
  readonly reader: JournalReader;
  #start: JournalStart;
  #told = () => {};

  constructor(t: TestContext, options: Partial<JournalReaderOptions>, start: JournalStart = { since: 0 }) {
    this.#start = start;
    this.reader = new JournalReader({
      clock: systemClock,
      selection: { arguments: [], files: [] },
      run: runJournalctl,
      watcher: systemWatcher,
      start: () => this.#start,
      matches: () => [],
      onEntry: (entry, fresh) => this.#take(entry, fresh),
      onPause: () => {},
      onCaughtUp: () => {
        this.caughtUp++;
        this.#told();
      },
      onTrouble: (message) => {
        this.trouble.push(message);
        this.#told();
      },
      ...options,
    });
    t.after(() => this.reader.stop());
  }

  get place(): JournalStart {
    return this.#start;
  }

  async until(met: () => boolean): Promise<void> {
    while (!met()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#told = resolve;
      await promise;
    }
  }

  #take(entry: JournalEntry, fresh: boolean): void {
    this.messages.push(String(entry.get("MESSAGE")?.[0] ?? ""));
    this.#start = { after: String(entry.get("__CURSOR")?.[0]) };
    if (fresh) this.fresh++;
    this.#told();
  }
}

function numbered(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    time: BEGIN + (from + i) * 1_000_000,
    fields: { MESSAGE: `m${from + i}`, _COMM: (from + i) % 2 === 0 ? "even" : "odd" },
  }));
}

function expected(from: number, to: number): string[] {
  return numbered(from, to).map(({ fields }) => fields.MESSAGE);
}

const SELECTIONS: Record<string, (journal: TestJournal) => JournalSelection> = {
  "a directory": ({ directory }) => selectJournal(new Map([["journalpath", directory]]), {}),
  "a file": ({ file }) => selectJournal(new Map([["journalfiles", file]]), {}),
};

for (const [what, select] of Object.entries(SELECTIONS)) {
  test(`${what} is followed while it grows and is rotated, nothing is lost or twice`, {
    skip: SKIP,
    timeout: 300_000,
  }, async (t) => {
    const journal = new TestJournal(temporaryDirectory(t));
    journal.write(numbered(1, 5));
    const follower = new Follower(t, { selection: select(journal) });
    follower.reader.start();
    await follower.until(() => follower.messages.length >= 5 && follower.caughtUp > 0);
    journal.write(numbered(6, 10));
    await follower.until(() => follower.messages.length >= 10);
    assert.ok(follower.fresh > 0);
    for (let round = 1; round <= 3; round++) {
      journal.write(numbered(round * 10 + 1, round * 10 + 5));
      journal.rotate();
      journal.write(numbered(round * 10 + 6, round * 10 + 10));
      await follower.until(() => follower.messages.length >= (round + 1) * 10);
    }
    assert.deepEqual(follower.messages, expected(1, 40));
    assert.deepEqual(follower.trouble, []);
  });
}

test("a journal that is still empty is waited for", { skip: SKIP, timeout: 300_000 }, async (t) => {
  const journal = new TestJournal(temporaryDirectory(t));
  const selection = selectJournal(new Map([["journalpath", journal.directory]]), {});
  const follower = new Follower(t, { selection });
  follower.reader.start();
  await follower.until(() => follower.caughtUp > 0);
  journal.write(numbered(1, 3));
  await follower.until(() => follower.messages.length >= 3);
  assert.deepEqual(follower.trouble, []);
});

test("reading goes on where it was left, also when what is asked for has changed", {
  skip: SKIP,
  timeout: 300_000,
}, async (t) => {
  const journal = new TestJournal(temporaryDirectory(t));
  journal.write(numbered(1, 6));
  const selection = selectJournal(new Map([["journalpath", journal.directory]]), {});
  const first = new Follower(t, { selection, matches: () => [["_COMM=even"]] });
  first.reader.start();
  await first.until(() => first.caughtUp > 0);
  first.reader.stop();
  journal.write(numbered(7, 10));
  assert.deepEqual(first.messages, ["m2", "m4", "m6"]);
  const second = new Follower(t, { selection, matches: () => [["_COMM=odd"], ["MESSAGE=m8"]] }, first.place);
  second.reader.start();
  await second.until(() => second.caughtUp > 0);
  assert.deepEqual(second.messages, ["m7", "m8", "m9"]);
});

test("a process that dies is followed by another, where the journal is followed", {
  skip: SKIP,
  timeout: 300_000,
}, async (t) => {
  const journal = new TestJournal(temporaryDirectory(t));
  journal.write(numbered(1, 3));
  const clock = new ManualClock(1000);
  let kill = () => {};
  const run: typeof runJournalctl = (words, events) => {
    const stop = runJournalctl(words, events);
    kill = () => {
      stop();
      events.onEnd("journalctl was ended by SIGKILL");
    };
    return stop;
  };
  const selection = selectJournal(new Map([["journalpath", journal.directory]]), {});
  const follower = new Follower(t, { selection, clock, run });
  follower.reader.start();
  await follower.until(() => follower.caughtUp > 0);
  kill();
  journal.write(numbered(4, 5));
  assert.deepEqual(follower.trouble, [
    "Unable to read the journal, it will be tried again: journalctl was ended by SIGKILL",
  ]);
  clock.advance(1);
  await follower.until(() => follower.messages.length >= 5);
  assert.deepEqual(follower.messages, expected(1, 5));
});

/** Processes that do what the test says. */
class Scripted {
  readonly started: string[][] = [];
  events!: JournalProcessEvents;
  readonly run = (words: readonly string[], events: JournalProcessEvents) => {
    this.started.push([...words]);
    this.events = events;
    return () => {};
  };
}

test("pauses between attempts grow up to a minute and shrink after success", (t) => {
  const clock = new ManualClock(1000);
  const script = new Scripted();
  const follower = new Follower(t, { clock, run: script.run });
  follower.reader.start();
  const pauses = [1, 2, 4, 8, 16, 32, 60, 60];
  for (const pause of pauses) {
    script.events.onEnd("no luck");
    const count = script.started.length;
    clock.advance(pause - 0.5);
    assert.equal(script.started.length, count);
    clock.advance(0.5);
    assert.equal(script.started.length, count + 1);
  }
  script.events.onOutput(Buffer.from("__CURSOR=c1\nMESSAGE=x\n\n"));
  script.events.onEnd("no luck");
  clock.advance(1);
  assert.equal(script.started.length, pauses.length + 2);
  assert.ok(script.started.at(-1)!.includes("--cursor=c1"));
});

test("after the end of the past the journal is followed; after a stop nothing is heard or started", (t) => {
  const clock = new ManualClock(1000);
  const script = new Scripted();
  const follower = new Follower(t, { clock, run: script.run, matches: () => [["A=1", "B=2"], ["C=3"]] });
  follower.reader.start();
  assert.ok(!script.started[0]!.includes("--follow"));
  assert.deepEqual(script.started[0]!.slice(-5), ["--", "A=1", "B=2", "+", "C=3"]);
  script.events.onEnd(null);
  assert.equal(follower.caughtUp, 1);
  assert.ok(script.started[1]!.includes("--follow"));
  follower.reader.stop();
  script.events.onOutput(Buffer.from("__CURSOR=c1\nMESSAGE=x\n\n"));
  script.events.onEnd(null);
  clock.advance(1000);
  assert.equal(script.started.length, 2);
  assert.deepEqual(follower.messages, []);
});

test("a journalctl that is not there is reported, not thrown", { timeout: 300_000 }, async (t) => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nonexistent";
  t.after(() => {
    process.env["PATH"] = path;
  });
  const follower = new Follower(t, { clock: new ManualClock(0) });
  follower.reader.start();
  await follower.until(() => follower.trouble.length > 0);
  assert.match(follower.trouble[0]!, /it will be tried again: journalctl is not installed/);
});

test("a journalctl that cannot be started at all is reported, not thrown", async () => {
  const reason = await new Promise((resolve) => {
    // No program can be given an argument with a zero byte.
    runJournalctl(["MESSAGE=\0"], { onOutput: () => {}, onEnd: resolve });
  });
  assert.match(String(reason), /^journalctl cannot be started: /);
});
