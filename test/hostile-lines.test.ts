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
