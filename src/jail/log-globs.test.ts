import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { FileHub } from "../source/file-hub.ts";
import { temporaryDirectory } from "../source/testing.ts";
import { systemClock } from "../time/clock.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import { makeTestServices } from "./testing.ts";

function watching(t: TestContext, pattern: string, initial: readonly string[]) {
  const base = makeTestServices();
  const files = new FileHub({ clock: systemClock, log: base.hub.logger("filter") });
  const services = { ...base, clock: systemClock, files };
  const jail = new Jail("globbed", chooseBackend("auto"), services as never);
  jail.filter.addFailRegex("^\\s*refused <HOST>$");
  jail.settings.setMaxRetry(1000);
  for (const path of initial) jail.logs.add(path, { tail: false });
  jail.logs.addGlob(pattern, { tail: false });
  jail.start();
  t.after(() => {
    jail.logs.close();
    files.close();
  });
  const until = async (met: () => boolean, what: string) => {
    for (let i = 0; !met(); i++) {
      assert.ok(
        i < 20_000,
        `waited in vain until ${what}; ${jail.failures.total} failures, ${jail.logs.paths()}`,
      );
      await delay(5);
    }
  };
  return { jail, until };
}

const line = (ip: string) => `${new Date().toISOString()} refused ${ip}\n`;

test("a file that comes to match is read from its begin, also in a new directory", {
  timeout: 300_000,
}, async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, "a"));
  const first = join(directory, "a", "app-2026-11-20.log");
  writeFileSync(first, `# Fields: same in every file\n${line("192.0.2.1")}`);
  const { jail, until } = watching(t, join(directory, "*", "app-*.log"), [first]);
  await until(() => jail.failures.total === 1, "the first file is read");
  writeFileSync(
    join(directory, "a", "app-2026-11-21.log"),
    `# Fields: same in every file\n${line("192.0.2.2")}`,
  );
  writeFileSync(join(directory, "a", "other.log"), line("192.0.2.9"));
  await until(() => jail.failures.total === 2, "the second day's file is read");
  mkdirSync(join(directory, "b"));
  writeFileSync(join(directory, "b", "app-2026-11-21.log"), line("192.0.2.3"));
  await until(() => jail.failures.total === 3, "the other directory's file is read");
  appendFileSync(join(directory, "b", "app-2026-11-21.log"), line("192.0.2.4"));
  await until(() => jail.failures.total === 4, "it is followed");
  assert.equal(jail.logs.paths().length, 3);
});

test("what rotation leaves behind is no new file, by rename or by copy", { timeout: 300_000 }, async (t) => {
  const directory = temporaryDirectory(t);
  const log = join(directory, "access.log");
  writeFileSync(log, line("192.0.2.1"));
  const { jail, until } = watching(t, join(directory, "access*"), [log]);
  await until(() => jail.failures.total === 1, "the file is read");
  renameSync(log, `${log}.1`);
  writeFileSync(log, line("192.0.2.2"));
  await until(() => jail.failures.total === 2, "the new file is read");
  copyFileSync(log, `${log}.2`);
  truncateSync(log);
  writeFileSync(`${log}.3.gz`, "x");
  // A file that is new tells that all the names before it were looked at.
  writeFileSync(join(directory, "access-other.log"), line("192.0.2.3"));
  await until(() => jail.failures.total >= 3, "the marker is read");
  assert.deepEqual(jail.logs.paths(), [log, join(directory, "access-other.log")]);
  assert.equal(jail.failures.total, 3);
});

test("patterns are kept over a reload only if they are given again", (t) => {
  const { jail } = watching(t, "/nonexistent/*.log", []);
  jail.logs.markStale();
  jail.logs.addGlob("/nonexistent/*.txt", { tail: true });
  jail.logs.dropStale();
  assert.deepEqual(jail.logs.globs(), ["/nonexistent/*.txt"]);
});
