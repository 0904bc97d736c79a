import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { LEVELS, LogHub } from "../log/logger.ts";
import { diskFiles, type FileAccess } from "./files.ts";
import { memoryFiles } from "./memory-files.ts";
import type { Configuration } from "./read.ts";
import { ReadingCache } from "./reading-cache.ts";

const QUIET = () => new LogHub(() => {}, LEVELS.WARNING);

function temporaryFolder(t: { after: (step: () => void) => void }): string {
  const folder = mkdtempSync(join(tmpdir(), "reading-cache-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A reading whose outcome is what some looks show; counts how often it is done. */
function reading(looks: (files: FileAccess) => Configuration["commands"]) {
  const counter = { times: 0 };
  const read = (files: FileAccess): Configuration => {
    counter.times++;
    return {
      ok: true,
      faulty: false,
      commands: looks(files),
      extensions: [["set", "x", "y", null, true, 7]],
    };
  };
  return { counter, read };
}

test("what was read comes back without reading, until a file changes", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "jail.conf");
  writeFileSync(file, "one");
  utimesSync(file, 1000, 1000);
  // The time of the last change of the inode cannot be set; only the file system knows it.
  const files: FileAccess = {
    ...diskFiles,
    version: (path) => ({ id: diskFiles.version(path)?.id ?? "", changed: 0 }),
  };
  const cache = new ReadingCache(folder, "build 1", files);
  const { counter, read } = reading((seen) => [["start", String(seen.read(file))]]);
  const first = await cache.read({ key: ["x"], log: QUIET(), read });
  const second = await cache.read({ key: ["x"], log: QUIET(), read });
  assert.deepEqual(second, first);
  assert.equal(counter.times, 1);
  appendFileSync(file, "two");
  assert.deepEqual((await cache.read({ key: ["x"], log: QUIET(), read })).commands, [["start", "onetwo"]]);
  assert.equal(counter.times, 2);
});

test("another key and another build are read for themselves", async (t) => {
  const folder = temporaryFolder(t);
  const { counter, read } = reading(() => []);
  const files = memoryFiles({});
  await new ReadingCache(folder, "build 1", files).read({ key: ["x"], log: QUIET(), read });
  await new ReadingCache(folder, "build 1", files).read({ key: ["y"], log: QUIET(), read });
  await new ReadingCache(folder, "build 2", files).read({ key: ["x"], log: QUIET(), read });
  assert.equal(counter.times, 3);
  await new ReadingCache(folder, "build 2", files).read({ key: ["x"], log: QUIET(), read });
  assert.equal(counter.times, 3);
});

test("a file that changed just now may change again unseen: its reading is not kept", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "jail.conf");
  writeFileSync(file, "one");
  const cache = new ReadingCache(folder, "build");
  const { counter, read } = reading((seen) => [["start", String(seen.read(file))]]);
  await cache.read({ key: [], log: QUIET(), read });
  await cache.read({ key: [], log: QUIET(), read });
  assert.equal(counter.times, 2);
});

test("what a reading told the user is told again, at the same verbosity", async (t) => {
  const cache = new ReadingCache(temporaryFolder(t), "build", memoryFiles({}));
  const said: string[] = [];
  let times = 0;
  const read = (_: FileAccess, speakers: LogHub): Configuration => {
    times++;
    speakers.logger("x").warning("no such option");
    return { ok: true, faulty: false, commands: [], extensions: [] };
  };
  for (const level of [LEVELS.ERROR, LEVELS.ERROR, LEVELS.WARNING, LEVELS.WARNING]) {
    const log = new LogHub((record) => said.push(`${level} ${record.logger} ${record.message}`), level);
    await cache.read({ key: [], log, read });
  }
  assert.equal(times, 2);
  assert.deepEqual(said, Array(2).fill(`${LEVELS.WARNING} fail2ban.x no such option`));
});

test("readings with a fault, or followed step by step are done each time", async (t) => {
  const cache = new ReadingCache(temporaryFolder(t), "build", memoryFiles({}));
  const good = { ok: true, faulty: false, commands: [], extensions: [] };
  const log = QUIET();
  let times = 0;
  for (const [outcome, level] of [
    [{ ...good, ok: false }, LEVELS.WARNING],
    [{ ...good, faulty: true }, LEVELS.WARNING],
    [{ ...good, commands: [["set", "x", 10n ** 20n]] }, LEVELS.WARNING],
    [good, LEVELS.INFO],
  ] as const) {
    log.level = level;
    const read = (): Configuration => {
      times++;
      return outcome as Configuration;
    };
    await cache.read({ key: [], log, read });
    await cache.read({ key: [], log, read });
  }
  assert.equal(times, 8);
});

test("a kept reading that was damaged is read anew, and what is kept is for its owner alone", async (t) => {
  const folder = temporaryFolder(t);
  const cache = new ReadingCache(folder, "build", memoryFiles({}));
  const { counter, read } = reading(() => [["secret"]]);
  await cache.read({ key: [], log: QUIET(), read });
  const [name = ""] = readdirSync(folder);
  const content = readFileSync(join(folder, name), "utf8");
  for (const damaged of ["", "{}", "[]", "null", content.slice(0, -1), content.replace("build", "other")]) {
    writeFileSync(join(folder, name), damaged);
    assert.deepEqual((await cache.read({ key: [], log: QUIET(), read })).commands, [["secret"]]);
  }
  assert.equal(counter.times, 7);
  assert.match(diskFiles.version(join(folder, name))?.id ?? "", new RegExp(`^\\d+ \\d+ ${0o100600} `));
});

test("without a place for it reading works as ever", async () => {
  const { counter, read } = reading(() => []);
  const cache = new ReadingCache("/nonexistent/folder", "build", memoryFiles({}));
  await cache.read({ key: [], log: QUIET(), read });
  await cache.read({ key: [], log: QUIET(), read });
  assert.equal(counter.times, 2);
});

test("whatever changes in a tree, the outcome is that of a reading without cache", async (t) => {
  const folder = temporaryFolder(t);
  const paths = ["/t/a.conf", "/t/a.local", "/t/a.d/x.conf", "/t/b"];
  const trees = fc.array(fc.dictionary(fc.constantFrom(...paths), fc.constantFrom("", "1", "22")), {
    minLength: 1,
    maxLength: 8,
  });
  const looks = (files: FileAccess): string[][] => {
    const list = files.list("/t").sort();
    const read = list
      .filter((name) => files.stat(`/t/${name}`) === "file")
      .map((name) => String(files.read(`/t/${name}`)));
    return [list, read, [String(files.exists("/t/b")), files.stat("/t/a.d") ?? "", ...files.list("/t/a.d")]];
  };
  await fc.assert(
    fc.asyncProperty(trees, async (states) => {
      for (const state of states) {
        const files = memoryFiles(state);
        const { read } = reading(looks);
        const outcome = await new ReadingCache(folder, "build", files).read({ key: [], log: QUIET(), read });
        assert.deepEqual(outcome.commands, looks(files));
      }
    }),
  );
});
