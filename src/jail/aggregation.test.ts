import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Identifier } from "../net/identifier.ts";
import { readPrefixRules } from "./ban-policy.ts";
import { FIREWALL_COMMANDS, makeTestJail, makeTestServices, settle } from "./testing.ts";

/** A jail with this rule, started, and what its firewall would hold by the commands that ran. */
function makeJail(aggregate: string, commands = FIREWALL_COMMANDS, services = makeTestServices()) {
  const made = makeTestJail(commands, services);
  made.jail.policy.set({ aggregate: readPrefixRules("aggregate", aggregate) });
  made.jail.start();
  const ban = async (...ips: string[]) => {
    await made.jail.banByHand(ips);
    await settle();
  };
  const firewall = () => {
    const held = new Set<string>();
    for (const command of services.runner.commands) {
      const [verb, ip] = command.split(" ");
      if (verb === "ban" && ip) held.add(ip);
      else if (verb === "unban" && ip) assert.ok(held.delete(ip), `${ip} is lifted and was not there`);
      else if (verb === "flush") held.clear();
    }
    return [...held];
  };
  return { ...made, ban, firewall };
}

const ips = (from: number, to: number, prefix = "192.0.2.") =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`);

test("so many bans of a network are enforced as one; list, status and database keep each", async (t) => {
  const { jail, ban, banned, firewall, takeLog, takeCommands, database, files } = makeJail("ipv4/24:3");
  t.after(() => files.close());
  await ban("192.0.2.1", "198.51.100.1", "2001:db8::1", "192.0.2.2");
  assert.equal(firewall().length, 4);
  takeLog();
  await ban("192.0.2.3");
  assert.deepEqual(firewall(), ["198.51.100.1", "2001:db8::1", "192.0.2.0/24"]);
  assert.ok(
    takeLog().includes(
      "actions: [sshd] Aggregate 3 bans in 192.0.2.0/24: the network is blocked in their place",
    ),
  );
  takeCommands();
  await ban("192.0.2.4");
  assert.deepEqual(takeCommands(), [], "it is blocked already");
  assert.deepEqual(banned(), [
    "192.0.2.1",
    "198.51.100.1",
    "2001:db8::1",
    "192.0.2.2",
    "192.0.2.3",
    "192.0.2.4",
  ]);
  assert.equal(database()?.banHistory("192.0.2.4", "sshd")?.banCount, 1);
  assert.equal(database()?.banHistory("192.0.2.0/24", "sshd"), null);
  for (const [ip, is] of [
    ["192.0.2.4", true],
    ["192.0.2.200", true],
    ["192.0.3.1", false],
  ] as const) {
    assert.equal(jail.isBanned(Identifier.parse(ip)), is, ip);
  }
  await jail.stop();
});

test("when bans end, the network is blocked until fewer than half as many are left", async (t) => {
  const { ban, clock, firewall, jail, takeLog, files } = makeJail("ipv4/24:4");
  t.after(() => files.close());
  for (let i = 1; i <= 4; i++) {
    await ban(`192.0.2.${i}`);
    clock.advance(10);
  }
  assert.deepEqual(firewall(), ["192.0.2.0/24"]);
  clock.advance(600 - 40 + 1);
  await settle();
  clock.advance(10);
  await settle();
  assert.deepEqual(firewall(), ["192.0.2.0/24"], "two are left");
  takeLog();
  clock.advance(10);
  await settle();
  assert.deepEqual(firewall(), ["192.0.2.4"]);
  assert.deepEqual(takeLog(), [
    "actions: [sshd] Unban 192.0.2.3",
    "actions: [sshd] Split 192.0.2.0/24 into the bans of its 1 addresses",
  ]);
  clock.advance(10);
  await settle();
  assert.deepEqual(firewall(), []);
  await jail.stop();
});

test("whoever is lifted by hand is reached again at once, and stays so", async (t) => {
  const { jail, ban, firewall, banned, files } = makeJail("ipv4/24:3");
  t.after(() => files.close());
  await ban(...ips(1, 5));
  assert.deepEqual(firewall(), ["192.0.2.0/24"]);
  assert.equal((await jail.unban(["192.0.2.2"])).lifted, 1);
  await settle();
  assert.deepEqual(firewall().sort(), ["192.0.2.1", "192.0.2.3", "192.0.2.4", "192.0.2.5"]);
  await ban("192.0.2.6");
  assert.ok(!firewall().includes("192.0.2.0/24"), "its network is not blocked any more");
  await ban(...ips(1, 3, "198.51.100."));
  assert.deepEqual(
    await jail.unban(["198.51.100.77"]),
    { lifted: 1, absent: [] },
    "a neighbour, who was never banned",
  );
  await settle();
  assert.ok(!firewall().includes("198.51.100.0/24"));
  assert.equal((await jail.unban(["198.51.100.0/24"])).lifted, 3);
  assert.equal(banned().length, 5);
  await jail.stop();
});

test("a network with an ignored address is not blocked, also when it is ignored later", async (t) => {
  const { jail, ban, firewall, files } = makeJail("ipv4/24:2");
  t.after(() => files.close());
  jail.ignore.add(["192.0.2.200"]);
  await ban("192.0.2.1", "192.0.2.2", "198.51.100.1", "198.51.100.2");
  assert.deepEqual(firewall(), ["192.0.2.1", "192.0.2.2", "198.51.100.0/24"]);
  jail.ignore.add(["198.51.100.99"]);
  await jail.ignoreRulesChanged();
  assert.deepEqual(firewall(), ["192.0.2.1", "192.0.2.2", "198.51.100.1", "198.51.100.2"]);
  await jail.stop();
});

test("an action that cannot block networks: the addresses are blocked again", async (t) => {
  const { jail, ban, takeCommands, runner, takeLog, files } = makeJail("ipv4/24:2");
  t.after(() => files.close());
  runner.exitCode = (script) => (script === "ban 192.0.2.0/24" ? 1 : 0);
  await ban("192.0.2.1");
  takeCommands();
  await ban("192.0.2.2");
  const commands = takeCommands();
  assert.deepEqual(commands.slice(-2), ["ban 192.0.2.1", "ban 192.0.2.2"]);
  assert.ok(takeLog().includes("actions: [sshd] Not every action can block the network 192.0.2.0/24"));
  await ban("192.0.2.3");
  assert.deepEqual(takeCommands(), ["ban 192.0.2.3"], "it is not tried again");
  await jail.stop();
});

test("after a restart, when all are lifted, when the option changes, after a loss in the firewall", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const first = makeJail("ipv4/24:2", undefined, services);
  await first.ban("192.0.2.1", "192.0.2.2", "198.51.100.1");
  await first.jail.stop();
  assert.deepEqual(first.firewall(), []);
  first.takeCommands();

  const { jail, firewall, runner, clock } = makeJail(
    "ipv4/24:2",
    { ...FIREWALL_COMMANDS, actionflush: "flush" },
    services,
  );
  await settle();
  assert.deepEqual(firewall().sort(), ["192.0.2.0/24", "198.51.100.1"]);
  jail.policy.set({ aggregate: readPrefixRules("aggregate", "none") });
  await settle();
  assert.deepEqual(firewall().sort(), ["192.0.2.1", "192.0.2.2", "198.51.100.1"]);
  jail.policy.set({ aggregate: readPrefixRules("aggregate", "ipv4/16:2") });
  await settle();
  assert.deepEqual(firewall().sort(), ["192.0.0.0/16", "198.51.100.1"]);
  jail.policy.set({ verify: 60 });
  let lost = true;
  runner.exitCode = (script) => {
    if (script === "start") lost = false;
    return script === "check" && lost ? 1 : 0;
  };
  runner.commands.length = 0;
  clock.advance(60);
  await settle();
  assert.deepEqual(firewall().sort(), ["192.0.0.0/16", "198.51.100.1"], "each once");
  assert.equal(await jail.unbanAll(), 3);
  assert.deepEqual(firewall(), []);
  await jail.stop();
});

test("an action that is new at a reload is given the networks", async (t) => {
  const { jail, ban, takeCommands, files } = makeJail("ipv4/24:2");
  t.after(() => files.close());
  await ban("192.0.2.1", "192.0.2.2", "198.51.100.1");
  takeCommands();
  jail.beginReload();
  jail.policy.set({ aggregate: readPrefixRules("aggregate", "ipv4/24:2") });
  jail.actions.keep("fw");
  jail.actionMaker.addCommands("new");
  const action = jail.actions.get("new") as unknown as { set(name: string, value: string): void };
  action.set("actionban", "new <ip>");
  await jail.finishReload();
  await settle();
  assert.deepEqual(
    takeCommands()
      .filter((one) => one.startsWith("new"))
      .sort(),
    ["new 192.0.2.0/24", "new 198.51.100.1"],
  );
  await jail.stop();
});

test("whatever happens, who is banned is blocked, and nothing else but the networks of many of them", async () => {
  const step = fc.record({
    what: fc.constantFrom("ban", "ban", "ban", "unban", "wait"),
    ip: fc
      .tuple(fc.constantFrom("192.0.2.", "198.51.100."), fc.integer({ min: 1, max: 6 }))
      .map(([a, b]) => a + b),
    time: fc.integer({ min: 1, max: 700 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { jail, firewall, banned, clock, files } = makeJail("ipv4/24:3");
      for (const { what, ip, time } of steps) {
        if (what === "ban") await jail.banByHand([ip], time);
        else if (what === "unban") await jail.unban([ip]);
        else clock.advance(time);
        await settle();
        const held = firewall().map((text) => Identifier.parse(text));
        for (const text of banned()) {
          const id = Identifier.parse(text);
          assert.ok(
            held.some((one) => one.contains(id)),
            `${text} is blocked`,
          );
        }
        for (const one of held) {
          const inside = banned().filter((text) => one.contains(Identifier.parse(text)));
          assert.ok(inside.length >= (one.isSingle ? 1 : 2), `${one.text} is blocked for ${inside.length}`);
        }
      }
      await jail.stop();
      assert.deepEqual(firewall(), []);
      files.close();
    }),
    { numRuns: 60 },
  );
});
