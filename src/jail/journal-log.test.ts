import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runJournalctl } from "../source/journal-process.ts";
import { skipWithoutJournal, TestJournal, type WrittenEntry } from "../source/journal-testing.ts";
import { temporaryDirectory } from "../source/testing.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import { makeTestServices, type TestServices } from "./testing.ts";

const SKIP = skipWithoutJournal();
const NOW = 1_763_718_000;
const REGEX = "^\\s*\\S+ sshd\\[\\d+\\]: Failed password for .* from <HOST>";

interface Event {
  /** Seconds since 1970 UTC. */
  readonly time: number;
  readonly ip: string;
  readonly unit?: string;
}

function entryOf({ time, ip, unit }: Event): WrittenEntry {
  return {
    time: Math.round(time * 1e6),
    fields: {
      _HOSTNAME: "host",
      SYSLOG_IDENTIFIER: "sshd",
      _PID: "100",
      _SYSTEMD_UNIT: unit ?? "sshd.service",
      MESSAGE: `Failed password for root from ${ip} port 1 ssh2`,
    },
  };
}

function lineOf({ time, ip }: Event): string {
  const date = new Date(time * 1000).toISOString();
  return `${date} host sshd[100]: Failed password for root from ${ip} port 1 ssh2\n`;
}

function realServices(): TestServices {
  return { ...makeTestServices(NOW), journalctl: runJournalctl };
}

function jailOn(t: TestContext, services: TestServices, name: string, backend: string): Jail {
  const jail = new Jail(name, chooseBackend(backend), services);
  services.database()!.addJail(name);
  jail.filter.addFailRegex(REGEX);
  jail.settings.setFindTime(600);
  t.after(() => {
    jail.logs.close();
    services.files.close();
  });
  return jail;
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await delay(5);
}

function bansOf(jail: Jail): string[] {
  return jail.bans
    .tickets()
    .map(({ id, time, failures }) => `${id.text} ${Math.floor(time)} ${failures}`)
    .toSorted();
}

/** Failures of 20 addresses, 1 to 5 each, in order of time. */
function mixedEvents(from: number, seconds: number): Event[] {
  const events: Event[] = [];
  for (let i = 0; i < 60; i++) {
    const ip = `192.0.2.${1 + ((i * i + 3 * i) % 20)}`;
    events.push({ time: from + (i * seconds) / 60, ip });
  }
  return events;
}

test("the journal leads to the same bans as the same events in a text log, past and present", {
  skip: SKIP,
  timeout: 300_000,
}, async (t) => {
  const services = realServices();
  const directory = temporaryDirectory(t);
  const journal = new TestJournal(directory);
  const file = join(directory, "auth.log");
  const past = [{ time: NOW - 900, ip: "192.0.2.200" }, ...mixedEvents(NOW - 590, 500)];
  const present = mixedEvents(NOW - 30, 28).map(({ time, ip }) => ({
    time,
    ip: ip.replace("0.2", "51.100"),
  }));
  journal.write(past.map(entryOf));
  writeFileSync(file, past.map(lineOf).join(""));
  const byJournal = jailOn(t, services, "journal", `systemd[journalpath=${directory}]`);
  byJournal.journalMatches.add(["_SYSTEMD_UNIT=sshd.service", "+", "_COMM=sshd"]);
  const byFile = jailOn(t, services, "file", "polling");
  byFile.logs.add(file, { tail: false });
  byJournal.start();
  byFile.start();
  const inOperation = "[journal] Jail is in operation now (process new journal entries)";
  await until(() => services.records.some(({ message }) => message === inOperation));
  await until(() => byFile.failures.total > 0 && byFile.failures.total === byJournal.failures.total);
  journal.write(
    [...present.slice(0, 40), { time: NOW - 1, ip: "192.0.2.9", unit: "other.service" }].map(entryOf),
  );
  journal.rotate();
  journal.write(present.slice(40).map(entryOf));
  appendFileSync(file, present.map(lineOf).join(""));
  services.clock.advance(2);
  await until(() => byJournal.failures.total >= 120);
  for (let i = 0; byFile.failures.total < 120; i++) {
    services.clock.advance(i < 3 ? 0.5 : 0);
    await delay(5);
  }
  assert.ok(byJournal.bans.size >= 10);
  assert.deepEqual(bansOf(byJournal), bansOf(byFile));
  assert.equal(byJournal.failures.total, 120);
});

test("a restart goes on behind the last entry, with and without a cursor in the database", {
  skip: SKIP,
  timeout: 300_000,
}, async (t) => {
  const services = realServices();
  const directory = temporaryDirectory(t);
  const journal = new TestJournal(directory);
  journal.write([1, 2, 3, 4].map((i) => entryOf({ time: NOW - 100 + i, ip: `192.0.2.${i}` })));
  const read = async (count: number): Promise<string[]> => {
    services.takeLog();
    const jail = jailOn(t, services, "again", `systemd[journalpath=${directory}]`);
    jail.start();
    await until(
      () => jail.failures.total >= count && services.records.some((r) => /in operation/.test(r.message)),
    );
    jail.logs.close();
    return services
      .takeLog()
      .filter((line) => /Found/.test(line))
      .map((line) => line.split(" ")[3]!);
  };
  assert.deepEqual(await read(4), ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
  const database = services.database()!;
  assert.equal(database.lastPosition("again", "systemd-journal"), NOW - 96);
  assert.match(
    database.lastMark("again", "systemd-journal")!,
    /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d $/,
  );
  journal.write([entryOf({ time: NOW - 96, ip: "192.0.2.5" }), entryOf({ time: NOW - 95, ip: "192.0.2.6" })]);
  assert.deepEqual(await read(2), ["192.0.2.5", "192.0.2.6"]);
  // As after a run of the reference, which knows of no cursors.
  database.updatePosition("again", "systemd-journal", "", NOW - 97);
  assert.deepEqual(await read(3), ["192.0.2.4", "192.0.2.5", "192.0.2.6"]);
  database.updatePosition("again", "systemd-journal", "", NOW - 95);
  database.updatePosition("again", "systemd-journal-cursor", "", 0);
  const jail = jailOn(t, services, "again", `systemd[journalpath=${directory}]`);
  jail.start();
  await until(() => services.records.some(({ message }) => /in operation/.test(message)));
  journal.write([entryOf({ time: NOW - 1, ip: "192.0.2.7" })]);
  await until(() => jail.failures.total > 0);
  assert.equal(jail.failures.total, 1, "the last entry of before is not counted again");
});

test("matches are listed, refused when they are none, and changed while reading", {
  skip: SKIP,
  timeout: 300_000,
}, async (t) => {
  const services = realServices();
  const directory = temporaryDirectory(t);
  const journal = new TestJournal(directory);
  journal.write([
    entryOf({ time: NOW - 9, ip: "192.0.2.1", unit: "a" }),
    entryOf({ time: NOW - 8, ip: "192.0.2.2", unit: "b" }),
  ]);
  const jail = jailOn(t, services, "matched", `systemd[journalpath="${directory}"]`);
  jail.journalMatches.add(["_SYSTEMD_UNIT=a"]);
  assert.throws(() => jail.journalMatches.add(["--file=/etc/passwd"]));
  jail.start();
  await until(() => services.records.some((r) => /in operation/.test(r.message)));
  assert.equal(jail.failures.total, 1);
  jail.journalMatches.add(["_SYSTEMD_UNIT=c"]);
  assert.equal(jail.journalMatches.summary(), "_SYSTEMD_UNIT=a + _SYSTEMD_UNIT=c");
  journal.write([entryOf({ time: NOW - 1, ip: "192.0.2.3", unit: "c" })]);
  await until(() => jail.failures.total === 2);
  assert.deepEqual(
    services.takeLog().filter((line) => /systemd|journal/.test(line)),
    [
      `jail: Jail 'matched' uses systemd {'journalpath': '${directory}'}`,
      "jail: Initiated 'systemd' backend",
      "filtersystemd: [matched] Added journal match for: '_SYSTEMD_UNIT=a'",
      "filtersystemd: Error adding journal match for: '--file=/etc/passwd'",
      "filtersystemd: [matched] Jail is in operation now (process new journal entries)",
      "filtersystemd: [matched] Added journal match for: '_SYSTEMD_UNIT=c'",
    ],
  );
});

test("without journalctl the jail says so once, stays, and tries again", async (t) => {
  const services = makeTestServices(NOW);
  let attempts = 0;
  const journalctl: TestServices["journalctl"] = (_, { onEnd }) => {
    attempts++;
    queueMicrotask(() => onEnd("journalctl is not installed"));
    return () => {};
  };
  const jail = jailOn(t, { ...services, journalctl }, "lonely", "systemd");
  jail.start();
  for (let i = 0; i < 20; i++) {
    services.clock.advance(60);
    await Promise.resolve();
  }
  assert.ok(attempts > 10);
  const lines = services.takeLog().filter((line) => line.startsWith("filtersystemd"));
  assert.equal(lines.length, 2, lines.join("\n"));
  assert.match(lines[0]!, /Jail started without 'journalmatch' set/);
  assert.match(lines[1]!, /journalctl is not installed$/);
  assert.ok(jail.running);
});

test("an exception of the filter is reported once a minute, and the entries behind it are read", {
  skip: SKIP,
  timeout: 300_000,
}, async (t) => {
  const services = realServices();
  const directory = temporaryDirectory(t);
  const journal = new TestJournal(directory);
  const jail = jailOn(t, services, "broken", `systemd[journalpath=${directory}]`);
  const process = jail.feed.processTimed.bind(jail.feed);
  let thrown = 0;
  jail.feed.processTimed = (...words) => {
    if (thrown++ < 2) throw new Error("bad entry");
    process(...words);
  };
  jail.start();
  for (let i = 1; jail.failures.total === 0; i++) {
    const before = thrown;
    journal.write([entryOf({ time: NOW - 50 + i, ip: "192.0.2.1" })]);
    await until(() => thrown > before);
  }
  const said = services.takeLog().filter((line) => line.includes("caught exception"));
  assert.deepEqual(said, ["filtersystemd: [broken] Failed to process entries, caught exception: bad entry"]);
});
