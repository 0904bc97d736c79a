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
  level: number = LEVELS.ERROR,
): { configuration: Configuration; log: string } {
  let log = "";
  const hub = new LogHub(({ logger, message }) => {
    log += `${logger}: ${message}\n`;
  }, level);
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

test("options of our own whose values mean nothing keep their default, with a warning", () => {
  const wrong = "dryrun = ture\nkerneltimeout = 2\nkillconnections = sometimes\nmaxbans = lots\n";
  const { configuration, log } = read(GOOD + wrong, {}, LEVELS.WARNING);
  const sent = about(configuration, "good").map((words) => words[2]);
  for (const option of ["dryrun", "kerneltimeout", "killconnections", "maxbans"])
    assert(!sent.includes(option), option);
  assert.deepEqual(log.match(/^.*expected .*$/gm), [
    "fail2ban.configreader: Wrong value 'ture' for 'dryrun' in 'good', expected true or false. Using the default",
    "fail2ban.configreader: Wrong value 'lots' for 'maxbans' in 'good', expected a whole number. Using the default",
    "fail2ban.configreader: Wrong value '2' for 'kerneltimeout' in 'good', expected true or false. Using the default",
    "fail2ban.configreader: Wrong value 'sometimes' for 'killconnections' in 'good', expected true or false. Using the default",
  ]);
  const right = read(`${GOOD}dryrun = yes\nkillconnections = off\nmaxbans = 7\n`, {}, LEVELS.WARNING);
  assert.doesNotMatch(right.log, /expected/);
  assert.deepEqual(
    about(right.configuration, "good").filter((words) => /^(?:dryrun|kill|maxbans)/.test(String(words[2]))),
    [
      ["set", "good", "dryrun", true],
      ["set", "good", "maxbans", 7],
      ["set", "good", "killconnections", false],
    ],
  );
});
