import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isolated, ROOT, until } from "./instance.ts";
import { skipWithoutNamespace } from "./namespace.ts";
import { referenceTree } from "./reference.ts";

/** Somebody else takes the rules away: it is noticed, by a look or by the next ban, and all bans are back. */

const skip = skipWithoutNamespace("nft", "ipset", "iptables", "ip6tables");

/** Ways to lose a firewall, by action; each ends with nothing of ours left. */
const LOSSES: Readonly<Record<string, string>> = {
  "nftables-multiport": "nft flush ruleset",
  "nftables-allports": "nft delete table inet f2b-table",
  "iptables-multiport": "for t in iptables ip6tables; do $t -F; $t -X; done",
  "iptables-ipset": "for t in iptables ip6tables; do $t -F; $t -X; done; ipset destroy",
};

const FILES = (action: string, options: string) => ({
  "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <ADDR>$\n",
  "jail.local":
    `[DEFAULT]\nbackend = polling\nbanaction = ${action}\nfilter = simple\nmaxretry = 1\nbantime = 1h\n` +
    `[j]\nenabled = true\nlogpath = {DIR}/j.log\n${options}`,
});

function serve(t: TestContext, action: string, options = "", tree = join(ROOT, "config")) {
  const { instance, namespace } = isolated(t, { tree, files: FILES(action, options) });
  instance.write("j.log", "");
  instance.start();
  /** All addresses of the documentation ranges that the firewall knows, each as often as it does. */
  const enforced = (): string[] => {
    // iptables may be a view of nft's rules.
    const tables = action.startsWith("nft") ? namespace.nftRuleset() : namespace.iptablesRules();
    const rules = tables + namespace.run("ipset", "save");
    return (rules.match(/\b(?:203\.0\.113\.\d+|2001:db8::[0-9a-f]+)\b/g) ?? []).sort();
  };
  return { instance, namespace, enforced };
}

const OLD = ["2001:db8::1", "203.0.113.1", "203.0.113.2", "203.0.113.3"];

for (const [action, loss] of Object.entries(LOSSES)) {
  test(`${action}: "${loss}" is noticed without a ban`, { skip }, async (t) => {
    const { instance, namespace, enforced } = serve(t, action, "verify = 1\n");
    instance.client("set", "j", "banip", ...OLD);
    assert.deepEqual(enforced(), OLD);
    // The server looks every second: it must not do so between the loss and the look of the test.
    process.kill(instance.pid, "SIGSTOP");
    namespace.run("sh", "-c", loss);
    const left = enforced();
    process.kill(instance.pid, "SIGCONT");
    assert.deepEqual(left, []);
    await until(() => enforced().length === OLD.length, "all bans are back");
    assert.deepEqual(enforced(), OLD, "each once");
    assert.match(
      instance.read("fail2ban.log"),
      /ERROR {3}Invariant check failed. Trying to restore a sane environment/,
    );
  });

  test(`${action}: "${loss}" is noticed by the next ban, and all bans are back`, { skip }, async (t) => {
    const { instance, namespace, enforced } = serve(t, action);
    instance.client("set", "j", "banip", ...OLD);
    namespace.run("sh", "-c", loss);
    // The families are started, checked and repaired each for itself.
    instance.client("set", "j", "banip", "203.0.113.9", "2001:db8::9");
    const all = [...OLD, "203.0.113.9", "2001:db8::9"].sort();
    await until(() => enforced().length >= all.length, `all bans are back: ${enforced()}`).catch(() => {});
    assert.deepEqual(enforced(), all, "each once");
    assert.match(instance.read("fail2ban.log"), /NOTICE {2}\[j\] Reban \d ticket\(s\)/);
    instance.client("unban", "--all");
    assert.deepEqual(enforced(), []);
  });
}

test("a table that is deleted while bans are queued: all of them are in force in the end", {
  skip,
}, async (t) => {
  const { instance, namespace, enforced } = serve(t, "nftables-multiport");
  const many = Array.from({ length: 200 }, (_, i) => `203.0.113.${i + 1}`);
  const clients = [0, 1, 2, 3].map((part) =>
    instance.spawn(
      "fail2ban-client",
      "-c",
      instance.path("etc"),
      "set",
      "j",
      "banip",
      ...many.slice(part * 50, part * 50 + 50),
    ),
  );
  const ended = clients.map((client) => new Promise((resolve) => client.once("exit", resolve)));
  await until(() => enforced().length > 0, "the first is in force");
  namespace.run("nft", "delete", "table", "inet", "f2b-table");
  await Promise.all(ended);
  instance.client("set", "j", "banip", "203.0.113.250");
  const all = [...many, "203.0.113.250"].sort();
  await until(() => enforced().length >= all.length, "all bans are in force").catch(() => {});
  assert.deepEqual(enforced(), all);
});

test("the machine's own addresses are not banned, one that it gets later neither", { skip }, async (t) => {
  const { instance, namespace, enforced } = serve(t, "nftables-allports");
  for (const address of ["203.0.113.50/32", "2001:db8::50/128", "fe80::50/64"]) {
    namespace.run("ip", "address", "add", address, "dev", "lo");
  }
  const own = ["203.0.113.50", "::ffff:203.0.113.50", "2001:db8::50", "fe80::50", "127.0.0.1", "::1"];
  const lines = [...own, "203.0.113.51"].map((ip) => `${new Date().toISOString()} failure from ${ip}\n`);
  instance.append("j.log", lines.join(""));
  await until(() => enforced().includes("203.0.113.51"), "a stranger is banned");
  assert.deepEqual(enforced(), ["203.0.113.51"]);
  const log = instance.read("fail2ban.log");
  for (const ip of own) assert.ok(log.includes(`Ignore ${ip.replace("::ffff:", "")} by ignoreself rule`), ip);
  for (const ip of [...own, "203.0.113.0/24"]) {
    const result = instance.run("fail2ban-client", "-c", instance.path("etc"), "set", "j", "banip", ip);
    assert.notEqual(result.status, 0, `${ip} is not banned by hand`);
  }
  assert.deepEqual(enforced(), ["203.0.113.51"]);
});

test("a stock tree's action notices and repairs a loss, too", {
  skip: skip || (referenceTree() ? false : "the reference package is not unpacked"),
}, async (t) => {
  const { instance, namespace, enforced } = serve(t, "nftables-multiport", "", referenceTree()!);
  instance.client("set", "j", "banip", ...OLD);
  namespace.run("nft", "flush", "ruleset");
  instance.client("set", "j", "banip", "203.0.113.9", "2001:db8::9");
  const all = [...OLD, "203.0.113.9", "2001:db8::9"].sort();
  await until(() => enforced().length >= all.length, "all bans are back").catch(() => {});
  assert.deepEqual(enforced(), all);
});
