import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { OwnAddresses } from "../net/own-addresses.ts";
import { Resolver } from "../net/resolver.ts";
import { ManualClock } from "../time/clock.ts";
import { IgnoreRules } from "./ignore-rules.ts";

function setUp() {
  const messages: string[] = [];
  const hub = new LogHub((r) => messages.push(r.message));
  const clock = new ManualClock(1000);
  const names = {
    addressesOf: async (name: string) => (name === "friend.example" ? ["198.51.100.5"] : []),
    nameOf: () => Promise.reject(new Error("none")),
  };
  const resolver = new Resolver({ clock, log: hub.logger("ipdns"), names });
  const address = { address: "192.0.2.1", netmask: "", mac: "", internal: false, cidr: null };
  const interfaces = () => ({ eth0: [{ ...address, family: "IPv4" as const }] });
  const own = new OwnAddresses({ clock, resolver, interfaces });
  const rules = new IgnoreRules({ clock, log: hub.logger("filter"), jail: "sshd", resolver, own });
  let commandsRun = 0;
  const candidate = (text: string, ignoredByCommand = false) => ({
    id: Identifier.parse(text),
    runCommand: async () => {
      commandsRun++;
      return ignoredByCommand;
    },
    expand: (key: string) => key.replace("<ip>", text),
  });
  return { rules, messages, candidate, clock, commandsRun: () => commandsRun };
}

test("without names and commands the answer is there at once", () => {
  const { rules, messages, candidate } = setUp();
  rules.add(["203.0.113.9", "10.0.0.0/8", "2001:db8::/32"]);
  assert.equal(rules.isIgnored(candidate("203.0.113.9")), true);
  assert.equal(rules.isIgnored(candidate("10.1.1.1")), true);
  assert.equal(rules.isIgnored(candidate("2001:db8::5")), true);
  assert.equal(rules.isIgnored(candidate("192.0.2.1")), true);
  assert.equal(rules.isIgnored(candidate("192.0.2.2")), false);
  assert.deepEqual(messages, [
    "[sshd] Ignore 203.0.113.9 by ip",
    "[sshd] Ignore 10.1.1.1 by ip",
    "[sshd] Ignore 2001:db8::5 by ip",
    "[sshd] Ignore 192.0.2.1 by ignoreself rule",
  ]);
});

test("ignoreself can be switched off", () => {
  const { rules, candidate } = setUp();
  rules.ignoreSelf = false;
  assert.equal(rules.isIgnored(candidate("192.0.2.1")), false);
});

test("names are resolved, commands are asked last", async () => {
  const { rules, messages, candidate } = setUp();
  rules.add(["friend.example"]);
  rules.command = "check <ip>";
  assert.equal(await rules.isIgnored(candidate("198.51.100.5")), true);
  assert.equal(await rules.isIgnored(candidate("198.51.100.6", true)), true);
  assert.equal(await rules.isIgnored(candidate("198.51.100.7")), false);
  assert.deepEqual(messages, ["[sshd] Ignore 198.51.100.5 by dns", "[sshd] Ignore 198.51.100.6 by command"]);
});

test("entries are listed with addresses last, duplicates are skipped, absent ones are reported", () => {
  const { rules } = setUp();
  rules.add([
    "192.0.2.77",
    "198.51.100.9/24",
    "example.test",
    "192.0.2.77",
    "198.51.100.0/24",
    "file:/tmp/x",
  ]);
  assert.deepEqual(rules.list(), ["198.51.100.0/24", "example.test", "file://tmp/x", "192.0.2.77"]);
  assert.equal(rules.remove("198.51.100.0/24"), true);
  assert.equal(rules.remove("192.0.2.1"), false);
  rules.clear();
  assert.deepEqual(rules.list(), []);
});

test("the cache answers instead of the command, for its time", async () => {
  const { rules, candidate, clock, commandsRun } = setUp();
  rules.command = "check <ip>";
  rules.cacheOptions = { key: "<ip>", maxCount: 10, maxTime: 30 };
  assert.equal(await rules.isIgnored(candidate("198.51.100.6", true)), true);
  assert.equal(await rules.isIgnored(candidate("198.51.100.6", false)), true);
  assert.equal(commandsRun(), 1);
  clock.advance(31);
  assert.equal(await rules.isIgnored(candidate("198.51.100.6", false)), false);
  assert.equal(commandsRun(), 2);
});

test("what is being asked is not asked again", async () => {
  const { rules, candidate, commandsRun } = setUp();
  rules.command = "check <ip>";
  rules.cacheOptions = { key: "<ip>", maxCount: 10, maxTime: 30 };
  const ask = (ip: string) => rules.isIgnored(candidate(ip, ip.endsWith("6")));
  const asked = ["198.51.100.6", "198.51.100.6", "198.51.100.7", "198.51.100.6", "198.51.100.7"].map(ask);
  assert.deepEqual(await Promise.all(asked), [true, true, false, true, false]);
  assert.equal(commandsRun(), 2);
});

test("an answer that failed is asked for again", async () => {
  const { rules, candidate } = setUp();
  rules.command = "check <ip>";
  rules.cacheOptions = { key: "<ip>", maxCount: 10, maxTime: 30 };
  const failing = {
    ...candidate("198.51.100.6", false),
    runCommand: () => Promise.reject(new Error("no shell")),
  };
  const asked = [rules.isIgnored(failing), rules.isIgnored(candidate("198.51.100.6", true))];
  const answers = await Promise.allSettled(asked);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
});
