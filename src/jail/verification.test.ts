import assert from "node:assert/strict";
import { test } from "node:test";
import { FIREWALL_COMMANDS, makeTestJail, settle } from "./testing.ts";

test("a flushed firewall is noticed without a ban, and all bans are put back", async (t) => {
  const { jail, clock, runner, takeLog, files } = makeTestJail();
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
  const { jail, clock, runner, files } = makeTestJail();
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
  const { jail, action, clock, runner, files } = makeTestJail();
  t.after(() => files.close());
  const reload = async (configure: () => void) => {
    jail.beginReload();
    jail.actions.keep("fw");
    for (const [name, value] of Object.entries(FIREWALL_COMMANDS)) action.set(name, value);
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
  const { jail, clock, runner, files } = makeTestJail();
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
