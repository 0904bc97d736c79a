import assert from "node:assert/strict";
import { test } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ConfigError } from "./config-error.ts";
import { memoryFiles } from "./memory-files.ts";
import { type Configuration, type ReadOptions, readConfiguration } from "./read.ts";
import { ConfigTree } from "./tree.ts";

const GOOD = "[good]\nenabled = true\nfilter = f\nlogpath = /log/a\naction =\n";
const BASE = {
  "/etc/fail2ban.conf": "[Definition]\n",
  "/etc/filter.d/f.conf": "[Definition]\nfailregex = ^<HOST>\n",
  "/log/a": "",
};

function read(
  jails: string,
  options: Partial<ReadOptions> = {},
): { configuration: Configuration; log: string } {
  let log = "";
  const hub = new LogHub(({ logger, message }) => {
    log += `${logger}: ${message}\n`;
  }, LEVELS.ERROR);
  const tree = new ConfigTree("/etc", hub, memoryFiles({ ...BASE, "/etc/jail.conf": jails }));
  return { configuration: readConfiguration(tree, { version: "1", ...options }), log };
}

const about = ({ commands }: Configuration, jail: string) => commands.filter((words) => words[1] === jail);
const messages = ({ commands }: Configuration) => commands.filter(([word]) => word === "config-error");

test("a jail with a fault is left out, the others are made", () => {
  const cases: [string, RegExp, RegExp][] = [
    [
      "[bad]\nenabled = true\nbantime = %(no)s\n",
      /^Jail 'bad' cannot be configured: Bad value substitution: /,
      /^fail2ban\.configcheck: \/etc\/jail\.conf:\d+, \[bad\] bantime = '%\(no\)s'; expected an option of \[bad\]/m,
    ],
    [
      "[bad]\nenabled = true\nfilter = f\nlogpath = /log/none\naction =\n",
      /Have not found any log file for 'bad' jail\./,
      /^fail2ban\.configcheck: \/etc\/jail\.conf:\d+, \[bad\] logpath = '\/log\/none'; expected files that exist/m,
    ],
    [
      "[bad]\nenabled = %\n",
      /'%' must be followed by/,
      /^fail2ban\.configcheck: \/etc\/jail\.conf:\d+, \[bad\] enabled = '%'; expected %% /m,
    ],
  ];
  for (const [bad, message, place] of cases) {
    for (const jails of [bad + GOOD, GOOD + bad]) {
      const { configuration, log } = read(jails);
      assert.equal(configuration.ok, true);
      assert(about(configuration, "good").some(([word]) => word === "start"));
      assert.deepEqual(about(configuration, "bad"), []);
      const [error, ...others] = messages(configuration);
      assert.deepEqual(others, []);
      assert.match(String(error?.[1]), message);
      assert.equal(error?.[2], "bad");
      assert.match(log, place);
      assert.match(log, /^fail2ban\.jailsreader: Errors in jail 'bad'\. Skipping\.\.\.$/m);
    }
  }
});

test("dumps, tests and the reading of one jail fail with the fault, as does a tree without a good jail", () => {
  const bad = "[bad]\nenabled = true\nbantime = %(no)s\n";
  for (const options of [{ dump: true }, { test: true }, { jail: "bad" }]) {
    assert.throws(() => read(GOOD + bad, options), ConfigError);
  }
  assert.throws(() => read(bad), ConfigError);
  assert.equal(read(GOOD + bad, { jail: "good" }).configuration.ok, true);
});

test("a wrong definition leaves the jail out with the reference's words", () => {
  const { configuration, log } = read(`${GOOD}[bad]\nenabled = true\nfilter = none\n`);
  assert.deepEqual(messages(configuration), [
    ["config-error", "Jail 'bad' skipped, because of wrong configuration: Unable to read the filter 'none'"],
  ]);
  assert.match(
    log,
    /configcheck: \/etc\/jail\.conf:8, \[bad\] filter = 'none'; expected a readable filter\.d/,
  );
});
