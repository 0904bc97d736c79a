import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { rows } from "../src/store/testing.ts";
import { type Instance, until } from "./instance.ts";
import { skipWithoutReference } from "./reference.ts";
import { bothSay, count, defaults, fail, jail, logged } from "./side-by-side.ts";

/** What becomes of bans at reloads and restarts, and of who is banned already, beside the reference. */

const skip = skipWithoutReference();
const JAILS = ["j", "k"];
const BANNED = ["198.18.0.1", "198.18.0.2", "2001:db8::1"];

/** Commands about all bans or those of a jail, and how many bans come back then. */
const WAYS: readonly (readonly [command: string, restored: number])[] = [
  ["reload", 0],
  ["reload j", 0],
  ["reload --unban", 0],
  ["reload --unban j", 0],
  ["reload --restart", 6],
  ["reload --restart j", 3],
  ["reload --restart --unban", 0],
  ["reload --if-exists j", 0],
  ["reload --if-exists nosuch", 0],
  ["reload nosuch", 0],
  ["restart j", 3],
  ["restart --unban j", 0],
  ["restart --if-exists --unban j", 0],
  ["restart --if-exists nosuch", 0],
  ["restart nosuch", 0],
  ["restart", 6],
  ["restart --unban", 0],
  ["unban --all", 0],
];

const inDatabase = (instance: Instance, table: "bans" | "bips") =>
  rows(instance.path("f2b.sqlite3"), `SELECT jail, ip FROM ${table} ORDER BY jail, ip`).map((row) =>
    row.join(" "),
  );

/** All that there is to be seen of bans. */
function seen(instance: Instance) {
  const done = (name: string) => instance.read(`${name}.done`).trim().split("\n").sort();
  const status = (name: string) => instance.client("status", name);
  return {
    banned: JAILS.map((name) => instance.client("get", name, "banip").trim().split(/\s+/).sort()),
    failed: JAILS.map((name) => /Currently failed:\t(\d+)/.exec(status(name))?.[1]),
    bad: inDatabase(instance, "bips"),
    history: inDatabase(instance, "bans"),
    done: ["j-note", "j-new", "k-note", "k-new"].map(done),
    // Newer versions of the reference say that a ban is repealed, as we do.
    log: logged(instance, "actions", /NOTICE/)
      .map((line) => line.replace("Repeal Ban", "Unban"))
      .sort(),
  };
}

/** Bans, then one of the {@link WAYS}, then another ban. */
async function live(instance: Instance, command: string, restored: number, round: number) {
  instance.client("unban", "--all");
  for (const name of JAILS.flatMap((one) => [`${one}-note`, `${one}-new`]))
    instance.write(`${name}.done`, "");
  instance.write("fail2ban.log", "");
  for (const name of JAILS) instance.client("set", name, "banip", ...BANNED);
  await until(() => inDatabase(instance, "bips").length === 6, "all are on record");
  fail(instance, "j", `198.18.1.${round}`);
  await count(instance, /INFO {4}\[j\] Found /, 1);
  const before = seen(instance);
  const words = command.split(" ");
  const { status } = instance.run("fail2ban-client", "-c", instance.path("etc"), ...words);
  await count(instance, / Restore Ban /, restored);
  const enforced = () => instance.read("j-note.done") + instance.read("k-note.done");
  await until(
    () => (enforced().match(/^ban .* 1$/gm)?.length ?? 0) === restored,
    "actions have been told of those that are restored",
  );
  const attacker = `198.18.2.${round}`;
  fail(instance, "k", attacker, attacker, attacker);
  for (const name of ["k-note", "k-new"])
    await until(() => instance.read(`${name}.done`).includes(`ban ${attacker}`), "it goes on");
  await until(() => inDatabase(instance, "bips").includes(`k ${attacker}`), "that is on record");
  return { before, status, after: seen(instance) };
}

test("what becomes of bans and failures at a reload, a restart, and when all are lifted", {
  skip,
}, async () => {
  const actions = "action = note[name=%(__name__)s-note]\n  note-new[name=%(__name__)s-new]";
  const scene = {
    files: { "jail.local": defaults("maxretry = 3") + jail("j", actions) + jail("k", actions) },
    jails: JAILS,
  };
  await bothSay(scene, async (instance) => {
    instance.start();
    const lives: Record<string, unknown> = {};
    for (const [round, [command, restored]] of WAYS.entries())
      lives[command] = await live(instance, command, restored, round);
    return lives;
  });
});

/** Seconds before the start in which somebody failed whose first failure led to a ban. */
const FAILURES = [500, 499, 470, 400, 10];

test("who is banned already: what is said of it, how long the ban lasts then, what actions are asked", {
  skip,
}, async () => {
  const action = (name: string) =>
    `[Definition]\nactioncheck = echo check >> {DIR}/${name}.done; test ! -e {DIR}/${name}.lost\n` +
    `actionrepair = echo repair >> {DIR}/${name}.done; rm -f {DIR}/${name}.lost\n` +
    `actionban = echo ban <ip> >> {DIR}/${name}.done\nactionreban = echo reban <ip> >> {DIR}/${name}.done\n`;
  const scene = {
    files: {
      "action.d/one.conf": action("one"),
      "action.d/two.conf": action("two"),
      "jail.local":
        defaults("maxretry = 1") +
        jail("j", "bantime = 1h\naction = one\n  two") +
        jail("forever", "bantime = -1"),
    },
    jails: ["j", "forever"],
  };
  const start = Math.floor(Date.now() / 1000);
  const line = (time: number) => `${new Date(time * 1000).toISOString()} failure from 198.18.0.1\n`;
  await bothSay(scene, async (instance) => {
    // What was written before the start counts by its own time.
    for (const name of scene.jails)
      instance.write(`${name}.log`, FAILURES.map((before) => line(start - before)).join(""));
    instance.start();
    await count(instance, / already banned/, 6);
    const times = () => scene.jails.map((name) => instance.client("get", name, "banip", "--with-time"));
    const before = times();
    await delay(4000);
    instance.write("one.lost", "");
    fail(instance, "j", "198.18.0.1");
    await count(instance, / Reban /, 1);
    await until(() => instance.read("one.done").includes("reban "), "it is put back");
    return {
      before,
      log: logged(instance, "actions", /NOTICE|WARNING/),
      // How often they are looked at depends on how many failures are decided at a time.
      done: ["one.done", "two.done"].map((file) =>
        instance.read(file).replaceAll(/(?:check\n)+/g, "check\n"),
      ),
      lost: existsSync(instance.path("one.lost")),
    };
  });
});
