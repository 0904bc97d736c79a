import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Instance, ROOT, until } from "./instance.ts";
import { referenceTree } from "./reference.ts";

/** An attacker writes lines that some expression takes for ever over: what goes on meanwhile in a server. */

process.env["TZ"] = "UTC";

/** Takes exponential time for a long run of letters; look-ahead keeps it from an engine with linear time. */
const EVIL = "^ (?=(?:(?:\\w+)+\\s?)*!$)<F-ID>\\w+</F-ID>";
const JAILS = `[DEFAULT]
action =
backend = polling
usedns = no
ignoreself = no
maxretry = 1
[shop]
enabled = true
filter = shop
logpath = {DIR}/shop.log
[door]
enabled = true
filter = door
logpath = {DIR}/door.log
[gate]
enabled = true
filter = door
logpath = {DIR}/gate.log
`;

function serverWith(t: TestContext): Instance {
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "jail.local": JAILS,
      "filter.d/shop.conf": `[Definition]\nfailregex = ${EVIL}\n            ^ bad <ADDR>$\n`,
      "filter.d/door.conf": "[Definition]\nfailregex = ^ bad <ADDR>$\n",
    },
  });
  t.after(() => instance.dispose());
  for (const name of ["shop", "door", "gate"]) instance.write(`${name}.log`, "");
  instance.start();
  return instance;
}

function now(): string {
  return new Date().toISOString().slice(0, 19).replace("T", " ");
}

const banned = (instance: Instance, jail: string) => instance.client("get", jail, "banip").trim();

test("lines that an expression cannot stand hold up neither other jails nor the socket, and are named", async (t) => {
  const instance = serverWith(t);
  for (let i = 0; i < 12; i++) {
    instance.append("shop.log", `${now()} ${"a".repeat(60)}${i}\n`);
    instance.append("door.log", `${now()} bad 192.0.2.${i + 1}\n`);
    instance.append("gate.log", `${now()} bad 198.51.100.${i + 1}\n`);
    assert.equal(instance.client("ping"), "Server replied: pong\n");
    assert.match(instance.client("status"), /Jail list:\tdoor, gate, shop|Jail list:\tshop, door, gate/);
    await delay(20);
  }
  for (const jail of ["door", "gate"]) {
    await until(
      () => instance.client("status", jail).includes("Currently banned:\t12"),
      `all attackers of ${jail} are banned`,
    );
  }
  const log = () => instance.read("fail2ban.log");
  await until(() => /left out for 600 seconds/.test(log()), "the expression is left out");
  const warning = log().match(/^.*WARNING \[shop\] Matching took more than 250 ms .*$/m)?.[0] ?? "";
  assert.ok(warning.includes(`expression: ${EVIL}, line: `), warning);
  assert.match(warning, /line: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d a{60}\d+$/);
  instance.append("shop.log", `${now()} bad 203.0.113.9\n`);
  await until(() => banned(instance, "shop").includes("203.0.113.9"), "the attacked jail itself goes on");
  assert.equal(instance.client("ping"), "Server replied: pong\n");
});

/** Filters with such an expression at each place that a filter has for one, with a line that attacks it and a good one. */
const PLACES: readonly {
  readonly name: string;
  readonly filter: string;
  readonly attack: string;
  readonly good: string;
  readonly warning: RegExp;
}[] = [
  {
    name: "prefix",
    filter: "prefregex = ^ (?!(?:(?:\\w+)+\\s?)*!$)<F-CONTENT>.+</F-CONTENT>$\nfailregex = ^bad <ADDR>$",
    attack: ` ${"a".repeat(60)}: bad 203.0.113.8`,
    good: " bad 203.0.113.9",
    warning: /Matching took more than 250 ms.* expression: \^ \(\?!.*, line: .*a{60}: bad 203/m,
  },
  {
    name: "ignore",
    filter:
      "failregex = ^ bad <F-USER>\\S*</F-USER> from <ADDR>$\nignoreregex = ^ bad (?=(?:(?:\\w+)+\\s?)*!$)",
    attack: ` bad ${"a".repeat(60)}: from 203.0.113.8`,
    good: " bad eve from 203.0.113.9",
    warning:
      /Matching took more than 250 ms.* expression: \^ bad \(\?=.*, line: .*a{60}: from 203\.0\.113\.8$/m,
  },
  {
    name: "dates",
    filter: "datepattern = ^(?!(?:(?:\\w+)+\\s?)*!$)%%Y-%%m-%%d %%H:%%M:%%S\nfailregex = bad <ADDR>$",
    attack: `${"a".repeat(60)}: bad 203.0.113.8`,
    good: " bad 203.0.113.9",
    warning: /Finding the date took too long.*a{60}: bad/m,
  },
  {
    name: "reference",
    filter: "failregex = ^ <F-RUN>(?:a+)+</F-RUN>(?P=run)+! <ADDR>$\n            ^ bad <ADDR>$",
    attack: ` ${"a".repeat(60)} 203.0.113.8`,
    good: " bad 203.0.113.9",
    warning: /Matching took more than 250 ms.* expression: \^ <F-RUN>.*, line: .*a{60} 203/m,
  },
  {
    name: "behind",
    filter: "failregex = ^ (?:(?<=(a))a|a|aa)+(?<!b)! <ADDR>$\n            ^ bad <ADDR>$",
    attack: ` ${"a".repeat(60)} 203.0.113.8`,
    good: " bad 203.0.113.9",
    warning: /Matching took more than 250 ms.* expression: \^ \(\?:\(\?<=.*, line: .*a{60} 203/m,
  },
  {
    name: "lines",
    filter:
      "maxlines = 3\nfailregex = ^ (?=(?:(?:\\w+)+\\s?)*!$)\\w+:<SKIPLINES>^ end <ADDR>$\n            ^ bad <ADDR>$",
    attack: ` ${"a".repeat(60)}:\n${now()} x\n${now()} end 203.0.113.8`,
    good: " bad 203.0.113.9",
    warning: /Matching took more than 250 ms.* expression: \^ \(\?=.*, line: /m,
  },
];

test("no place of a filter takes an expression that can hold up the server", async (t) => {
  const head = JAILS.slice(0, JAILS.indexOf("[shop]"));
  const jail = (name: string) => `[${name}]\nenabled = true\nfilter = ${name}\nlogpath = {DIR}/${name}.log\n`;
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "jail.local": head + ["door", ...PLACES.map(({ name }) => name)].map(jail).join(""),
      "filter.d/door.conf": "[Definition]\nfailregex = ^ bad <ADDR>$\n",
      ...Object.fromEntries(
        PLACES.map(({ name, filter }) => [`filter.d/${name}.conf`, `[Definition]\n${filter}\n`]),
      ),
    },
  });
  t.after(() => instance.dispose());
  for (const name of ["door", ...PLACES.map(({ name }) => name)]) instance.write(`${name}.log`, "");
  instance.start();
  for (const { name, attack } of PLACES) {
    const date = name === "dates" ? "" : now();
    instance.append(`${name}.log`, `${date}${attack}\n`);
  }
  instance.append("door.log", `${now()} bad 192.0.2.1\n`);
  await until(() => banned(instance, "door") === "192.0.2.1", "another jail goes on");
  for (const { name, good } of PLACES) instance.append(`${name}.log`, `${now()}${good}\n`);
  for (const { name, warning } of PLACES) {
    await until(() => banned(instance, name).includes("203.0.113.9"), `the jail ${name} itself goes on`);
    const warnings = instance
      .read("fail2ban.log")
      .split("\n")
      .filter((line) => line.includes(`WARNING [${name}] `));
    assert.match(warnings.join("\n"), warning, name);
  }
  assert.equal(instance.client("ping"), "Server replied: pong\n");
});

const tree = referenceTree();

test("lines on which the reference hangs with domino-smtp are answered, and those behind them", {
  skip: tree ? false : "the reference's tree is not unpacked",
}, async (t) => {
  const instance = new Instance({ flavor: "ours", tree: tree! });
  t.after(() => instance.dispose());
  const date = "23-05-2024 21:59:50";
  const lines = [
    `${date}   smtp: ${"a ".repeat(2000)}! 192.0.2.1`,
    `${date}   SMTP Server: Authentication failed for user ${"a ; connecting host ".repeat(500)}!`,
    `${date}   smtp: eve [192.0.2.2] authentication failure using internet password`,
  ];
  instance.write("console.log", `${lines.join("\n")}\n`);
  const args = ["-c", instance.path("etc"), "--json", "-v", instance.path("console.log"), "domino-smtp"];
  const result = instance.run("fail2ban-regex", ...args);
  assert.equal(result.status, 0, result.stdout + result.stderr);
  const report = JSON.parse(result.stdout);
  assert.equal(report.lines.tested, 3);
  assert.deepEqual(
    report.failregex.flatMap(({ found = [] }: { found?: { id: string }[] }) => found.map(({ id }) => id)),
    ["192.0.2.2"],
  );
});
