import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Identifier } from "../net/identifier.ts";
import { readPrefixRules } from "./ban-policy.ts";
import { makeTestJail, makeTestServices, settle } from "./testing.ts";

/** A jail that bans at the third failure, by these prefixes. */
function makeJail(banprefix: string, services = makeTestServices()) {
  const made = makeTestJail(undefined, services);
  made.jail.policy.set({ banprefix: readPrefixRules("banprefix", banprefix) });
  made.jail.settings.setMaxRetry(3);
  made.jail.start();
  made.takeLog();
  const fail = async (...ips: string[]) => {
    for (const ip of ips) await made.jail.attempt(ip, [`line of ${ip}`]);
    await settle();
  };
  return { ...made, fail };
}

test("failures of one prefix are counted and banned together", async (t) => {
  const { jail, fail, banned, takeCommands, takeLog, files } = makeJail("ipv6/64");
  t.after(() => files.close());
  await fail("2001:db8::1", "2001:db8::2", "2001:db8:0:1::3", "192.0.2.1", "192.0.2.2");
  assert.deepEqual(banned(), []);
  assert.equal(jail.failures.get(Identifier.parse("2001:db8::/64"))?.retry, 2);
  await fail("2001:db8::ffff", "192.0.2.3");
  assert.deepEqual(banned(), ["2001:db8::/64"]);
  assert.deepEqual(takeCommands(), ["start", "ban 2001:db8::/64"]);
  const log = takeLog();
  assert.ok(
    log.some((line) => line.startsWith("filter: [sshd] Attempt 2001:db8::ffff - ")),
    "who failed is logged",
  );
  assert.ok(log.includes("actions: [sshd] Ban 2001:db8::/64"));
  assert.ok(jail.isBanned(Identifier.parse("2001:db8::5")));
  assert.ok(!jail.isBanned(Identifier.parse("2001:db8:0:1::5")));
  await jail.stop();
});

test("bans within a prefix end with its ban, but not those that last longer", async (t) => {
  const { jail, fail, banned, takeCommands, files } = makeJail("ipv4/24");
  t.after(() => files.close());
  await jail.banByHand(["192.0.2.1", "192.0.2.64/30"]);
  await jail.banByHand(["192.0.2.2", "192.0.2.128/30"], -1);
  takeCommands();
  await fail("192.0.2.7", "192.0.2.8", "192.0.2.9");
  assert.deepEqual(banned(), ["192.0.2.2", "192.0.2.128/30", "192.0.2.0/24"]);
  assert.deepEqual(takeCommands(), ["unban 192.0.2.1", "unban 192.0.2.64/30", "ban 192.0.2.0/24"]);
  await jail.stop();
});

test("a prefix with an ignored address or one of this machine is never banned: the address is", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "f2b-prefix-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "friends"), "198.51.100.77\n");
  const services = makeTestServices();
  t.after(() => services.files.close());
  const { jail, fail, banned } = makeJail("ipv4/24 ipv6/64", services);
  jail.ignore.add(["2001:db8::99", "203.0.113.128/25", `file:${folder}/friends`]);
  services.own.concernedBy = (id) => id.contains(Identifier.parse("192.0.2.200"));
  const attackers = ["2001:db8::1", "203.0.113.1", "198.51.100.1", "192.0.2.1"];
  for (const ip of attackers) await fail(ip, ip, ip);
  assert.deepEqual(banned(), attackers);
  await fail("203.0.112.1", "203.0.112.2", "203.0.112.3");
  assert.deepEqual(banned(), [...attackers, "203.0.112.0/24"]);
  jail.ignore.remove("2001:db8::99");
  await fail("2001:db8::2", "2001:db8::3", "2001:db8::4");
  assert.deepEqual(
    banned(),
    ["203.0.113.1", "198.51.100.1", "192.0.2.1", "203.0.112.0/24", "2001:db8::/64"],
    "the ban of the network takes the place of that of its address",
  );
  await jail.stop();
});

test("names in ignoreip are asked before a network is banned", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  services.resolver.resolve = async (name) => [
    Identifier.parse(name === "friend.example" ? "192.0.2.50" : "::1"),
  ];
  const { jail, fail, banned } = makeJail("ipv4/24", services);
  jail.ignore.add(["friend.example"]);
  await fail("192.0.2.1", "192.0.2.1", "192.0.2.1", "198.51.100.1", "198.51.100.2", "198.51.100.3");
  assert.deepEqual(banned(), ["192.0.2.1", "198.51.100.0/24"]);
  await jail.stop();
});

test("unban of an address lifts the network that failures led to, not one that was banned by hand", async (t) => {
  const { jail, fail, banned, takeLog, files } = makeJail("ipv4/24");
  t.after(() => files.close());
  await fail("192.0.2.1", "192.0.2.2", "192.0.2.3");
  await jail.banByHand(["198.51.100.0/24"]);
  takeLog();
  assert.deepEqual(await jail.unban(["192.0.2.77", "198.51.100.7"]), { lifted: 1, absent: ["198.51.100.7"] });
  assert.deepEqual(banned(), ["198.51.100.0/24"]);
  assert.ok(takeLog().includes("actions: [sshd] Unban 192.0.2.0/24"));
  await jail.stop();
});

test("banned networks come back after a restart, unless an ignored address is in them now", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const first = makeJail("ipv4/24", services);
  for (const net of ["192.0.2", "198.51.100"]) await first.fail(`${net}.1`, `${net}.2`, `${net}.3`);
  await first.jail.stop();
  const { jail, banned } = makeTestJail(undefined, services);
  jail.policy.set({ banprefix: readPrefixRules("banprefix", "ipv4/24") });
  jail.ignore.add(["192.0.2.9"]);
  jail.start();
  await settle();
  assert.deepEqual(banned(), ["198.51.100.0/24"]);
  await jail.stop();
});

test("a prefix that holds an ignored address from now on is lifted, not one that was banned by hand", async (t) => {
  const { jail, fail, banned, files } = makeJail("ipv4/24");
  t.after(() => files.close());
  await fail("192.0.2.1", "192.0.2.2", "192.0.2.3");
  await jail.banByHand(["198.51.100.0/24"]);
  jail.ignore.add(["192.0.2.99", "198.51.100.99"]);
  await jail.ignoreRulesChanged();
  assert.deepEqual(banned(), ["198.51.100.0/24"]);
  await jail.stop();
});
