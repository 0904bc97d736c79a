import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Instance, isolated, ROOT, until } from "./instance.ts";
import { skipWithoutNamespace } from "./namespace.ts";
import { shared, skipWithout } from "./shared.ts";

/** The time lines that were recorded from the reference, lived through by our server: the log says the same. */

const skip = skipWithout("spec", "runtime.md") || skipWithoutNamespace("nft");

/** Loggers whose lines other programs read. */
const COMPARED = /^fail2ban\.(database|jail|filter|actions|observer|datedetector|server) /;

/** What a server says of itself, and of options, which some of the recorded blocks leave out. */
const LEFT_OUT =
  /^fail2ban\.server .*(?:-{50}|Starting|Daemon)|INFO {6}(?:maxRetry|findtime|banTime|encoding):|INFO {4}Jail '.*' uses/;

/** The code blocks of a section, each as lines. */
function recorded(section: string): string[][] {
  const text = readFileSync(shared("spec", "runtime.md"), "utf8");
  const begin = text.indexOf(`### ${section} `);
  const part = text.slice(begin, text.indexOf("\n### ", begin + 1));
  return [...part.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block]) => normalized(block!));
}

/** Lines without what differs from run to run: date, PID, paths, times. */
function normalized(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/^\S+ \S+ /, ""))
    .filter((line) => COMPARED.test(line))
    .map((line) =>
      line
        .replace(/\[\d+\]:/, "[PID]:")
        .replaceAll(/'\/[^']*\.sqlite3'/g, "DB")
        .replaceAll(/'\/[^']*\.log'/g, "LOG")
        .replace(/(rollover performed on) .*/, "$1 LOG")
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")
        .replace(/hash = [0-9a-f]{40}/, "hash = HASH"),
    )
    .filter((line) => !LEFT_OUT.test(line));
}

/** Bans come back while the jail goes on to start; when they are told of is up to chance in the reference. */
function restoredLast(lines: readonly string[]): string[] {
  return [false, true].flatMap((wanted) => lines.filter((line) => line.includes("Restore Ban") === wanted));
}

/** A server with these jails, which share a filter of their own and the shipped nftables action. */
function serverWith(t: TestContext, jails: string): Instance {
  const tree = mkdtempSync(join(tmpdir(), "f2b-tree-"));
  for (const part of ["action.d", "fail2ban.conf"])
    cpSync(join(ROOT, "config", part), join(tree, part), { recursive: true });
  writeFileSync(
    join(tree, "jail.conf"),
    "[DEFAULT]\nenabled = true\nbackend = polling\nfilter = demo\nmaxretry = 3\nfindtime = 10m\n" +
      `logpath = {DIR}/auth.log\naction = nftables[name=%(__name__)s]\n${jails}`,
  );
  const { instance } = isolated(t, {
    tree,
    files: {
      "filter.d/demo.conf":
        "[Definition]\nfailregex = ^ host demo\\[\\d+\\]: auth failure from <HOST> user=<F-USER>\\S+</F-USER>$\n",
    },
  });
  instance.write("etc/jail.conf", instance.read("etc/jail.conf"));
  t.after(() => rmSync(tree, { recursive: true }));
  instance.write("auth.log", "");
  return instance;
}

test("three failures, a ban, a restart, as in the recorded time line", { skip }, async (t) => {
  const instance = serverWith(t, "[sshd]\nbantime = 1h\n");
  const log = () => instance.read("fail2ban.log");
  const fail = () => {
    const [, month, day, , time] = /^\w+ (\w+) (\d+) (\d+) (\S+)/.exec(new Date().toString())!;
    instance.append(
      "auth.log",
      `${month} ${day} ${time} host demo[100]: auth failure from 192.0.2.7 user=bob\n`,
    );
  };
  const lines = (pattern: RegExp) => log().match(new RegExp(pattern, "g"))?.length ?? 0;
  instance.start();
  for (let count = 1; count <= 4; count++) {
    fail();
    await until(() => lines(/Found 192\.0\.2\.7/) === count, "the failure is found");
    if (count === 3) await until(() => lines(/ Ban 192\.0\.2\.7/) === 1, "the address is banned");
  }
  await instance.stop();
  instance.start();
  await until(() => lines(/Restore Ban/) === 1, "the ban is restored");

  const isOfServer = (line: string) =>
    line.startsWith("fail2ban.server") || line.startsWith("fail2ban.observer");
  const expected = recorded("7.1")
    .flat()
    .filter((line) => !isOfServer(line));
  const end = expected.findIndex((line) => line.includes("Restore Ban"));
  assert.ok(end > 0);
  const found = normalized(log()).filter((line) => !isOfServer(line));
  const restored = found.findIndex((line) => line.includes("Restore Ban"));
  assert.deepEqual(found.slice(0, restored + 1), expected.slice(0, end + 1));
});

test("reloads, a removed jail, bans by hand, a restart, a signal, as in the recorded time line", {
  skip,
}, async (t) => {
  const other = "[other]\nbantime = 1h\n";
  const instance = serverWith(t, `[sshd]\nbantime = 1h\n${other}`);
  const [bans, reload, loss, removal, restart, end] = recorded("7.3");
  let read = 0;
  /** Compares what the log says since the last call with a recorded block. */
  const says = async (block: readonly string[] | undefined) => {
    // What follows the word of the shutdown was not recorded there.
    const found = () =>
      normalized(
        instance
          .read("fail2ban.log")
          .slice(read)
          .replace(/(Shutdown in progress.*\n)[\s\S]*/, "$1"),
      );
    await until(() => found().length >= block!.length, `there are ${block!.length} lines`).catch(() => {});
    assert.deepEqual(restoredLast(found()), restoredLast(block!));
    read = instance.read("fail2ban.log").length;
  };
  instance.start();
  await until(() => instance.read("fail2ban.log").includes("Jail 'other' started"), "both jails run");
  read = instance.read("fail2ban.log").length;
  for (const name of ["sshd", "other"]) instance.client("set", name, "banip", "192.0.2.7", "2001:db8::7");
  await says(bans);
  instance.client("reload");
  await says(reload);
  assert.match(loss?.join() ?? "", /Ban 192\.0\.2\.8/, "a loss of the ruleset has tests of its own");
  instance.client("set", "sshd", "banip", "192.0.2.8");
  read = instance.read("fail2ban.log").length;
  instance.write("etc/jail.conf", instance.read("etc/jail.conf").replace(other, ""));
  instance.client("reload");
  await says(removal);
  instance.client("set", "sshd", "unbanip", "192.0.2.8");
  instance.client("restart", "sshd");
  await says(restart);
  instance.client("unban", "--all");
  process.kill(instance.pid, "SIGUSR1");
  await until(() => instance.read("fail2ban.log").includes("rollover performed"), "the log is begun anew");
  process.kill(instance.pid, "SIGTERM");
  await says(end);
});
