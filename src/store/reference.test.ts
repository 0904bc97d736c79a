import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { referenceCommand, skipWithoutReference } from "../../test/reference.ts";
import { LogHub } from "../log/logger.ts";
import { firstLineHash } from "../source/first-line-hash.ts";
import { systemClock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";

/** A reference server of its own in a temporary directory, with one jail that reads `demo.log`. */
class Reference {
  readonly directory = mkdtempSync(join(tmpdir(), "f2b-reference-"));
  readonly database = join(this.directory, "f2b.sqlite3");
  readonly logFile = join(this.directory, "demo.log");

  constructor() {
    const conf = join(this.directory, "conf");
    for (const part of ["filter.d", "action.d"]) mkdirSync(join(conf, part), { recursive: true });
    writeFileSync(
      join(conf, "fail2ban.conf"),
      `[Definition]\nloglevel = INFO\nlogtarget = ${this.directory}/f2b.log\nsyslogsocket = auto\nallowipv6 = auto\n` +
        `socket = ${this.directory}/f2b.sock\npidfile = ${this.directory}/f2b.pid\ndbfile = ${this.database}\n` +
        "dbpurgeage = 1d\ndbmaxmatches = 10\n",
    );
    writeFileSync(
      join(conf, "jail.conf"),
      "[DEFAULT]\nbantime = 600\nfindtime = 600\nmaxretry = 2\nbackend = polling\nusedns = no\n\n" +
        `[demo]\nenabled = true\nfilter = demo\naction = demo\nlogpath = ${this.logFile}\n`,
    );
    writeFileSync(
      join(conf, "filter.d/demo.conf"),
      "[Definition]\nfailregex = ^\\s*\\S+ demo: failure from <HOST> user=<F-USER>\\S+</F-USER>\n",
    );
    writeFileSync(join(conf, "action.d/demo.conf"), "[Definition]\nactionban = true\nactionunban = true\n");
    writeFileSync(this.logFile, "");
  }

  client(...args: string[]): string {
    const {
      command,
      args: all,
      env,
    } = referenceCommand("fail2ban-client", "-c", join(this.directory, "conf"), ...args);
    return spawnSync(command, all, { env: { ...env, LC_ALL: "C.UTF-8" }, encoding: "utf8" }).stdout;
  }

  /** Asks until the answer holds the text. */
  async asks(text: string, ...args: string[]): Promise<string> {
    for (;;) {
      const answer = this.client(...args);
      if (answer.includes(text)) return answer;
      await setTimeout(100);
    }
  }

  /** Stops it, if it runs; fulfilled when it has let go of its files, which is after its client has been answered. */
  async stop(): Promise<void> {
    this.client("stop");
    while (existsSync(join(this.directory, "f2b.pid"))) await setTimeout(20);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

const OPTIONS = { skip: skipWithoutReference(), timeout: 300_000 };
const log = new LogHub(() => {}).logger("database");

function reference(t: TestContext): Reference {
  const made = new Reference();
  t.after(() => made.remove());
  return made;
}

test("a database of the reference is taken over", OPTIONS, async (t) => {
  const server = reference(t);
  const stamp = new Date().toISOString().slice(0, 19);
  const line = (user: string) => `${stamp}Z host demo: failure from 192.0.2.7 user=${user}\n`;
  writeFileSync(server.logFile, line("bob") + line("böb"));
  server.client("start");
  await server.asks("192.0.2.7", "status", "demo");
  server.client("set", "demo", "banip", "2001:db8::5");
  await server.asks("2001:db8::5", "get", "demo", "banip");
  await server.stop();

  const database = BanDatabase.open(server.database, { clock: systemClock, log });
  const bans = database.currentBans("demo", {
    now: systemClock.now(),
    banTime: 600,
    increment: false,
    maxMatches: 10,
  });
  assert.deepEqual(
    bans.map(({ ip, bantime, banCount }) => ({ ip, bantime, banCount })),
    [
      { ip: "192.0.2.7", bantime: 600, banCount: 1 },
      { ip: "2001:db8::5", bantime: 600, banCount: 1 },
    ],
  );
  const { matches, failures, ...captured } = bans[0]!.data;
  assert.deepEqual(
    matches.map((match) => (typeof match === "string" ? match : match.join(""))),
    [line("bob").trimEnd(), line("böb").trimEnd()],
  );
  assert.equal(failures, 2);
  assert.equal(captured["user"], "bob");
  const hash = firstLineHash(server.logFile);
  assert.equal(database.addLog("demo", server.logFile, hash, 0), readFileSync(server.logFile).length);
  database.close();
});

test("the reference takes over a database of ours", OPTIONS, async (t) => {
  const server = reference(t);
  writeFileSync(server.logFile, "first line\nsecond line\n");
  const database = BanDatabase.open(server.database, { clock: systemClock, log });
  database.addJail("demo");
  const hash = firstLineHash(server.logFile);
  assert.equal(database.addLog("demo", server.logFile, hash, 0), null);
  database.updatePosition("demo", server.logFile, hash, 11);
  const timeOfBan = systemClock.now() - 5;
  const data = { matches: ["one", "two ü"], failures: 2, ip4: "192.0.2.9", user: "ü" };
  database.addBan("demo", { ip: "192.0.2.9", timeOfBan, bantime: 600, banCount: 1, data });
  database.addBan("demo", { ip: "2001:db8::9", timeOfBan, bantime: -1, banCount: 3, data });
  database.disableJail("demo");
  database.close();
  assert.deepEqual(
    readdirSync(server.directory).filter((name) => /-(wal|shm|journal)$/.test(name)),
    [],
  );

  server.client("start");
  await server.asks("2001:db8::9", "get", "demo", "banip");
  await server.asks("192.0.2.9", "get", "demo", "banip");
  await server.stop();
  const messages = readFileSync(join(server.directory, "f2b.log"), "utf8");
  assert.match(messages, /Restore Ban 192\.0\.2\.9/);
  assert.match(messages, /Restore Ban 2001:db8::9/);
  assert.ok(messages.includes(`(pos = 11, hash = ${hash})`), messages);
  assert.doesNotMatch(messages, / (ERROR|CRITICAL) /);
});

test("the reference takes over even a database that we left in a crash", OPTIONS, async (t) => {
  const server = reference(t);
  const program = `
    const { BanDatabase } = await import(process.argv[2] + "/database.ts");
    const { LogHub } = await import(process.argv[2] + "/../log/logger.ts");
    const { systemClock } = await import(process.argv[2] + "/../time/clock.ts");
    const log = new LogHub(() => {}).logger("x");
    const database = BanDatabase.open(process.argv[1], { clock: systemClock, log });
    const data = { matches: [], failures: 1 };
    database.addBan("demo", { ip: "192.0.2.3", timeOfBan: Date.now() / 1000, bantime: 600, banCount: 1, data });
    database.flush();
    process.kill(process.pid, "SIGKILL");
  `;
  spawnSync(process.execPath, ["--input-type=module", "-e", program, server.database, import.meta.dirname]);
  assert.ok(existsSync(`${server.database}-wal`));
  server.client("start");
  await server.asks("192.0.2.3", "get", "demo", "banip");
  await server.stop();
  const messages = readFileSync(join(server.directory, "f2b.log"), "utf8");
  assert.doesNotMatch(messages, / (ERROR|CRITICAL) /);
});
