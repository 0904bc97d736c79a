import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Instance, ROOT, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { shared, skipWithout } from "./shared.ts";

/** The time lines that were recorded from the reference, lived through by our server: the log says the same. */

const skip = skipWithout("spec", "runtime.md") || skipWithoutNamespace("nft");

/** Loggers whose lines other programs read. */
const COMPARED = /^fail2ban\.(database|jail|filter|actions|observer|datedetector) /;

/** The lines of a section's code blocks. */
function recorded(section: string): string[] {
  const text = readFileSync(shared("spec", "runtime.md"), "utf8");
  const begin = text.indexOf(`### ${section} `);
  const part = text.slice(begin, text.indexOf("\n### ", begin + 1));
  return [...part.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block!.trim().split("\n"));
}

/** Lines without what differs from run to run: date, PID, paths, times. */
function normalized(lines: readonly string[]): string[] {
  return lines
    .map((line) => line.replace(/^\S+ \S+ /, ""))
    .filter((line) => COMPARED.test(line))
    .map((line) =>
      line
        .replace(/\[\d+\]:/, "[PID]:")
        .replaceAll(/'\/[^']*\.sqlite3'/g, "DB")
        .replaceAll(/'\/[^']*\.log'/g, "LOG")
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")
        .replace(/hash = [0-9a-f]{40}/, "hash = HASH"),
    );
}

/** As our server writes it when the file is first seen, which the recorded one had from its configuration. */
const OURS = /^fail2ban\.filter +\[PID\]: INFO {6}encoding: /;

test("three failures, a ban, a restart, as in the recorded time line", { skip }, async (t) => {
  const tree = mkdtempSync(join(tmpdir(), "f2b-tree-"));
  for (const part of ["action.d", "fail2ban.conf"])
    cpSync(join(ROOT, "config", part), join(tree, part), { recursive: true });
  writeFileSync(
    join(tree, "jail.conf"),
    "[sshd]\nenabled = true\nbackend = polling\nfilter = demo\nmaxretry = 3\nfindtime = 10m\nbantime = 40\n" +
      "logpath = {DIR}/auth.log\naction = nftables\n",
  );
  const namespace = new Namespace();
  const instance = new Instance({
    flavor: "ours",
    tree,
    namespace,
    files: {
      "filter.d/demo.conf":
        "[Definition]\nfailregex = ^ host demo\\[\\d+\\]: auth failure from <HOST> user=<F-USER>\\S+</F-USER>$\n",
    },
  });
  instance.write("etc/jail.conf", instance.read("etc/jail.conf"));
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
    rmSync(tree, { recursive: true });
  });
  instance.write("auth.log", "");
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
  instance.client("stop");
  await until(() => !instance.read("f2b.pid"), "the server ends");
  instance.start();
  await until(() => lines(/Restore Ban/) === 1, "the ban is restored");

  const expected = normalized(recorded("7.1"));
  const end = expected.findIndex((line) => line.includes("Restore Ban"));
  assert.ok(end > 0);
  const found = normalized(log().split("\n")).filter((line) => !OURS.test(line));
  const restored = found.findIndex((line) => line.includes("Restore Ban"));
  assert.deepEqual(found.slice(0, restored + 1), expected.slice(0, end + 1));
});
