import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { rows } from "../src/store/testing.ts";
import { MovableTime, skipWithoutFakeTime } from "./fake-time.ts";
import { Instance, until } from "./instance.ts";
import { referenceTree, skipWithoutReference } from "./reference.ts";

/**
 * What a running server forgets after `dbpurgeage`, in a database that the reference has made. The reference forgets the
 * same; its own hour cannot be made shorter here.
 */

const HOUR = 3600;
/** `dbpurgeage`, seconds. */
const AGE = 5 * HOUR;
const DAY = 24 * HOUR;

/** Bans on record: jail, whom, how long before the first purge they began and how long they last, in seconds. */
const PAST: readonly (readonly [jail: string, ip: string, age: number, bantime: number])[] = [
  ["j", "198.18.0.1", AGE - 600, 600],
  ["j", "198.18.0.2", AGE + 600, 60],
  // Three times the ban time keeps somebody among those who were banned before.
  ["j", "198.18.0.3", AGE + 600, 1000],
  ["j", "198.18.0.4", AGE + HOUR, 600],
  // In force when the server starts.
  ["j", "198.18.0.5", AGE + 600, DAY],
  ["j", "198.18.0.6", 10 * DAY, -1],
  ["j", "198.18.0.7", 20 * DAY, 3 * DAY],
  ["gone", "198.18.0.1", AGE + DAY, 600],
  ["young", "198.18.0.1", 600, 600],
  ["for-ever", "198.18.0.1", 10 * DAY, -1],
];

/** Puts the past into a database whose server does not run. */
function remember(file: string): void {
  const database = new DatabaseSync(file);
  const firstPurge = Math.floor(Date.now() / 1000) + HOUR;
  database.exec("BEGIN; INSERT INTO jails (name, enabled) VALUES ('empty', 0)");
  for (const [jail, ip, age, bantime] of PAST) {
    database.prepare("INSERT OR IGNORE INTO jails (name, enabled) VALUES (?, 0)").run(jail);
    database.prepare("INSERT OR IGNORE INTO logs VALUES (?, '/some.log', '', 7)").run(jail);
    for (const table of ["bans", "bips"]) {
      const columns = "(jail, ip, timeofban, bantime, bancount, data)";
      database
        .prepare(`INSERT INTO ${table} ${columns} VALUES (?, ?, ?, ?, 2, '{"failures": 3}')`)
        .run(jail, ip, firstPurge - age, bantime);
    }
  }
  database.exec("COMMIT");
  database.close();
}

/** Servers of both kinds with one jail `j` on one database; ours live in a time of their own. */
function setUp(t: TestContext) {
  const time = new MovableTime();
  const files = {
    "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <HOST>$\n",
    "action.d/note.conf": "[Definition]\nactionban = echo <ip> >> {DIR}/enforced\nactionunban = true\n",
    "fail2ban.d/z.conf": "[Definition]\ndbpurgeage = 5h\n",
    "jail.local":
      "[DEFAULT]\nbackend = polling\nfilter = simple\naction = note\nbantime = 600\nbantime.increment = true\n" +
      "[j]\nenabled = true\nlogpath = {DIR}/j.log\n",
  };
  const theirs = new Instance({ flavor: "reference", tree: referenceTree()!, files });
  const ours = new Instance({ flavor: "ours", tree: referenceTree()!, files, namespace: time });
  const file = theirs.path("f2b.sqlite3");
  ours.write(
    "etc/fail2ban.local",
    ours.read("etc/fail2ban.local").replace(/dbfile = .*/, `dbfile = ${file}`),
  );
  for (const instance of [theirs, ours]) instance.write("j.log", "");
  t.after(async () => {
    for (const instance of [theirs, ours]) await instance.dispose();
    time.dispose();
  });
  const ask = (sql: string) => rows(file, sql).map((row) => row.join(" "));
  return { time, theirs, ours, file, ask };
}

test("after an hour, and every hour, what is older than dbpurgeage is forgotten", {
  skip: skipWithoutReference() || skipWithoutFakeTime(),
}, async (t) => {
  const { time, theirs, ours, file, ask } = setUp(t);
  theirs.start();
  await theirs.stop();
  remember(file);
  ours.start();
  const content = () => ({
    history: ask("SELECT jail, ip FROM bans ORDER BY jail, ip"),
    bad: ask("SELECT jail, ip FROM bips ORDER BY jail, ip"),
    jails: ask("SELECT name, enabled FROM jails ORDER BY name"),
    logs: ask("SELECT jail FROM logs WHERE path = '/some.log' ORDER BY jail"),
  });
  assert.equal(content().history.length, PAST.length, "nothing is forgotten at the start");
  const banned = (instance: Instance) => instance.client("get", "j", "banip").trim().split(/\s+/).sort();
  assert.deepEqual(banned(ours), ["198.18.0.5", "198.18.0.6"]);

  time.forward(HOUR + 60);
  await until(() => !content().history.includes("j 198.18.0.2"), "it is forgotten");
  assert.deepEqual(content(), {
    history: ["j 198.18.0.1", "young 198.18.0.1"],
    bad: [
      "for-ever 198.18.0.1",
      "j 198.18.0.1",
      "j 198.18.0.3",
      "j 198.18.0.5",
      "j 198.18.0.6",
      "young 198.18.0.1",
    ],
    jails: ["for-ever 0", "j 1", "young 0"],
    logs: ["for-ever", "j", "young"],
  });
  assert.deepEqual(banned(ours), ["198.18.0.5", "198.18.0.6"], "what is in force stays so");

  time.forward(HOUR + 60);
  await until(() => !content().history.includes("j 198.18.0.1"), "the next hour has its turn");
  assert.deepEqual(content().history, ["young 198.18.0.1"]);
  assert.ok(!content().bad.includes("j 198.18.0.3"), "three times its ban time is over");
  assert.doesNotMatch(ours.read("fail2ban.log"), / ERROR /);

  await ours.stop();
  theirs.start();
  // Its jail takes up the stored bans after it answers.
  await until(() => banned(theirs).length === 2, "the reference takes up the bans");
  assert.deepEqual(banned(theirs), ["198.18.0.5", "198.18.0.6"], "the reference goes on with it");
});
