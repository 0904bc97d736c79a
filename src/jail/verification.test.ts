import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandAction } from "../enforce/command-action.ts";
import { Jail } from "./jail.ts";
import { makeTestServices, settle } from "./testing.ts";

function makeJail(properties: Record<string, string>) {
  const services = makeTestServices();
  const jail = new Jail(
    "sshd",
    { name: "polling", requested: "polling", shownOptions: "{}" } as never,
    services,
  );
  jail.actionMaker.addCommands("fw");
  const action = jail.actions.get("fw") as CommandAction;
  for (const [name, value] of Object.entries(properties)) action.set(name, value);
  return { ...services, jail, action };
}

const FIREWALL = {
  actionstart: "start",
  actionstop: "stop",
  actioncheck: "check",
  actionban: "ban <ip>",
  actionunban: "unban <ip>",
};

test("a flushed firewall is noticed without a ban, and all bans are put back", async (t) => {
  const { jail, clock, runner, takeLog, files } = makeJail(FIREWALL);
  t.after(() => files.close());
  jail.policy.set({ verify: 60 });
  jail.start();
  await jail.banByHand(["192.0.2.1", "192.0.2.2"]);
  runner.commands.length = 0;
  clock.advance(60);
  await settle();
  assert.deepEqual(runner.commands, ["check"], "all is well");
  let lost = true;
  runner.exitCode = (script) => {
    if (script === "start") lost = false;
    return lost ? 1 : 0;
  };
  runner.commands.length = 0;
  takeLog();
  clock.advance(60);
  await settle();
  assert.deepEqual(runner.commands, ["check", "stop", "start", "check", "ban 192.0.2.1", "ban 192.0.2.2"]);
  assert.ok(takeLog().includes("actions: [sshd] Reban 2 ticket(s), action(s) fw"));
  runner.commands.length = 0;
  clock.advance(60);
  await settle();
  assert.deepEqual(runner.commands, ["check"]);
  await jail.stop();
  runner.commands.length = 0;
  clock.advance(600);
  await settle();
  assert.deepEqual(runner.commands, []);
});

test("nothing is looked at unless it is asked for", async (t) => {
  const { jail, clock, runner, files } = makeJail(FIREWALL);
  t.after(() => files.close());
  jail.start();
  await settle();
  runner.commands.length = 0;
  clock.advance(3600);
  await settle();
  assert.deepEqual(runner.commands, []);
  await jail.stop();
});

test("a reload goes on as the new configuration says, and stops looking when it says nothing", async (t) => {
  const { jail, action, clock, runner, files } = makeJail(FIREWALL);
  t.after(() => files.close());
  const reload = async (configure: () => void) => {
    jail.beginReload();
    jail.actions.keep("fw");
    for (const [name, value] of Object.entries(FIREWALL)) action.set(name, value);
    configure();
    await jail.finishReload();
    await settle();
    runner.commands.length = 0;
  };
  const checksIn = async (seconds: number) => {
    clock.advance(seconds);
    await settle();
    return runner.commands.splice(0).filter((command) => command === "check").length;
  };
  jail.policy.set({ verify: 60 });
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  await settle();
  await reload(() => jail.policy.set({ verify: 60 }));
  assert.equal(await checksIn(60), 1);
  await reload(() => {});
  assert.equal(await checksIn(3600), 0);
  await jail.stop();
});

test("a check that fails goes on being repeated, not at the same time", async (t) => {
  const { jail, clock, runner, files } = makeJail(FIREWALL);
  t.after(() => files.close());
  jail.policy.set({ verify: 10 });
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  runner.exitCode = () => 1;
  for (let i = 0; i < 3; i++) {
    clock.advance(10);
    await settle();
  }
  runner.exitCode = () => 0;
  runner.commands.length = 0;
  clock.advance(10);
  await settle();
  assert.ok(
    runner.commands.includes("ban 192.0.2.1") || runner.commands.includes("start"),
    String(runner.commands),
  );
  await jail.stop();
});

for (const hours of [5, -5]) {
  test(`the clock set by ${hours} hours: bans go on, none is lifted before its time is over`, async (t) => {
    const { jail, clock, runner, files } = makeJail(FIREWALL);
    t.after(() => files.close());
    jail.settings.setBanTime(600);
    jail.policy.set({ verify: 60 });
    jail.start();
    await jail.banByHand(["192.0.2.1"]);
    clock.jump(clock.now() + hours * 3600);
    await jail.banByHand(["192.0.2.2"]);
    clock.advance(1);
    await settle();
    const banned = () => jail.bans.tickets().map(({ id }) => id.text);
    assert.ok(banned().includes("192.0.2.2"));
    clock.advance(hours > 0 ? 601 : 602);
    await settle();
    assert.ok(!banned().includes("192.0.2.2"), "its ten minutes are over");
    // Ends are moments of the wall clock: after a jump back the older ban ends when that comes again.
    clock.advance(hours < 0 ? -hours * 3600 : 0);
    await settle();
    assert.deepEqual(banned(), []);
    assert.ok(runner.commands.includes("unban 192.0.2.1"));
    await jail.stop();
  });
}

test("addresses of the machine are not banned by hand, unless ignoreself is off", async (t) => {
  const services = makeTestServices();
  const own = {
    has: (id: { text: string }) => id.text === "192.0.2.1",
    concernedBy: (id: { text: string }) => id.text !== "192.0.2.9",
  };
  const jail = new Jail("sshd", { name: "polling", requested: "polling", shownOptions: "{}" } as never, {
    ...services,
    own: own as never,
  });
  t.after(() => services.files.close());
  jail.start();
  await assert.rejects(jail.banByHand(["192.0.2.1", "192.0.2.9", "192.0.2.0/24"]), /own|this machine/);
  assert.deepEqual(
    jail.bans.tickets().map(({ id }) => id.text),
    ["192.0.2.9"],
  );
  jail.ignore.ignoreSelf = false;
  assert.equal(await jail.banByHand(["192.0.2.1"]), 1);
  await jail.stop();
});
