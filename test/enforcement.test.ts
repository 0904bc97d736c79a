import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sendOnce } from "../src/control/testing.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Instance, isolated, ROOT, until } from "./instance.ts";
import { skipWithoutNamespace } from "./namespace.ts";

/** Many bans at once, in real firewalls of network namespaces. */

const skip = skipWithoutNamespace("nft", "ipset", "iptables", "ip6tables");

function serve(t: TestContext, jail: string, files: Record<string, string> = {}) {
  const { instance, namespace } = isolated(t, {
    tree: join(ROOT, "config"),
    files: {
      "jail.local": `[DEFAULT]\nbackend = polling\nbantime = 1h\n[sshd]\nenabled = true\nlogpath = {DIR}/auth.log\n${jail}\n`,
      ...files,
    },
  });
  instance.write("auth.log", "");
  instance.start();
  const rules = () => ({
    nft: namespace.nftRuleset(),
    ipset: namespace.ipsets(),
    iptables: namespace.iptablesRules(),
  });
  return { instance, namespace, rules, errors: () => logged(instance, "ERROR") };
}

function logged(instance: Instance, what: string): string[] {
  return instance
    .read("fail2ban.log")
    .split("\n")
    .filter((line) => line.includes(what));
}

function send(instance: Instance, command: string, ip: string) {
  return sendOnce(instance.path("f2b.sock"), ["set", "sshd", command, ip], { clock: systemClock });
}

const addresses = (total: number) =>
  Array.from({ length: total }, (_, i) => (i % 3 === 0 ? `2001:db8::${i + 1}` : `10.0.${i >> 8}.${i & 255}`));

for (const action of ["nftables-multiport", "nftables-allports", "iptables-multiport", "iptables-ipset"]) {
  test(`${action}: bans together leave the same rules as one by one`, { skip }, async (t) => {
    const together = serve(t, `banaction = ${action}`);
    const single = serve(t, `banaction = ${action}`);
    const ips = addresses(30);
    assert.equal(together.instance.client("set", "sshd", "banip", ...ips).trim(), "30");
    for (const ip of ips) await send(single.instance, "banip", ip);
    assert.deepEqual(together.rules(), single.rules());
    assert.equal(together.instance.client("set", "sshd", "unbanip", ...ips.slice(5)).trim(), "25");
    for (const ip of ips.slice(5)) await send(single.instance, "unbanip", ip);
    assert.deepEqual(together.rules(), single.rules());
    assert.deepEqual([...together.errors(), ...single.errors()], []);
    for (const { instance } of [together, single]) instance.client("stop");
  });
}

test("a flushed ruleset is noticed and all bans are put back", { skip }, async (t) => {
  const { instance, namespace, rules } = serve(t, "banaction = nftables-multiport\nverify = 1");
  const ips = addresses(500);
  instance.client("set", "sshd", "banip", ...ips);
  // Which family comes first in the ruleset is not the same after a flush between the looks at one and at the other.
  const lines = () => rules().nft.split("\n").sort().join("\n");
  const before = lines();
  namespace.run("nft", "flush", "ruleset");
  // In one go, but for such a flush.
  const tickets = () =>
    logged(instance, " Reban ").map((line) => Number(/Reban (\d+) ticket/.exec(line)?.[1]));
  await until(() => tickets().reduce((sum, count) => sum + count, 0) === 500, "the flush is noticed");
  await until(() => lines() === before, "all bans are back");
});

test("an interval set that refuses an overlapping element takes all others", { skip }, (t) => {
  const { instance, namespace, errors } = serve(t, "action = intervals", {
    "action.d/intervals.conf":
      "[Definition]\n" +
      "actionstart = nft add table inet f2b\n nft add set inet f2b s \\{ type ipv4_addr\\; flags interval\\; \\}\n" +
      "actionban = nft add element inet f2b s \\{ <ip> \\}\n" +
      "actionunban = nft delete element inet f2b s \\{ <ip> \\}\n",
  });
  instance.client("set", "sshd", "banip", "10.9.0.0/24");
  const ips = [...Array.from({ length: 40 }, (_, i) => `10.1.0.${i * 3}`), "10.9.0.128/23"];
  instance.client("set", "sshd", "banip", ...ips, "10.1.5.1");
  const set = namespace.run("nft", "list", "set", "inet", "f2b", "s");
  for (const ip of [...ips.slice(0, 40), "10.1.5.1"]) assert.ok(new RegExp(`\\b${ip}\\b`).test(set), ip);
  const all = errors().join("\n");
  assert.match(all, /Failed to execute ban jail 'sshd' action 'intervals'.*10\.9\.0\.0\/23/);
  assert.match(all, /stderr: .*(?:overlap|exist)/);
});

test("actions that are missing, fail, hang or print megabytes are told of and harm no other", {
  skip,
}, async (t) => {
  const definition = (ban: string, timeout = 60) =>
    `[Definition]\nactionban = ${ban}\nactionunban =\n[Init]\ntimeout = ${timeout}\n`;
  // Of no other test of this name on the machine.
  const hanging = `sleep 612.${process.pid}`;
  const { instance, namespace, errors } = serve(
    t,
    "action = nftables[name=x]\n missing\n failing\n hanging\n talking",
    {
      "action.d/missing.conf": definition("/nonexistent/program <ip>"),
      "action.d/failing.conf": definition("echo sorry >&2; exit 7"),
      "action.d/hanging.conf": definition(hanging, 1),
      "action.d/talking.conf": definition("head -c 5000000 /dev/zero | tr '\\0' x; exit 9"),
    },
  );
  const client = instance.spawn(
    "fail2ban-client",
    "-c",
    instance.path("etc"),
    "set",
    "sshd",
    "banip",
    "192.0.2.1",
  );
  t.after(() => client.kill());
  await until(() => namespace.nftRuleset().includes("192.0.2.1"), "the firewall is not delayed");
  const failed = (action: string) => new RegExp(`Failed to execute ban jail 'sshd' action '${action}'`);
  for (const action of ["missing", "failing", "hanging", "talking"]) {
    await until(() => failed(action).test(instance.read("fail2ban.log")), `${action} is told of`);
  }
  const all = errors().join("\n");
  assert.match(all, /stderr: .*\/nonexistent\/program.*not found/);
  assert.match(all, /stderr: 'sorry'[\s\S]*returned 7/);
  assert.match(all, /timed out after 1 seconds/);
  assert.match(all, /output: \d+ bytes more[\s\S]*returned 9/);
  const left = () => spawnSync("pgrep", ["-f", `^${hanging}$`]).status === 0;
  await until(() => !left(), "nothing is left behind");
});
