import assert from "node:assert/strict";
import { test } from "node:test";
import { FIREWALL_COMMANDS, makeTestJail, makeTestServices, settle } from "./testing.ts";

test("in a dry run everything happens but for the actions, and the log cannot be mistaken for real bans", async (t) => {
  const { jail, clock, banned, takeCommands, takeLog, files, database } = makeTestJail();
  t.after(() => files.close());
  jail.policy.set({ dryrun: true });
  jail.settings.setMaxRetry(2);
  jail.start();
  takeLog();
  for (let i = 0; i < 3; i++) await jail.attempt("192.0.2.1", []);
  await jail.attempt("192.0.2.1", []);
  await settle();
  assert.deepEqual(banned(), ["192.0.2.1"]);
  assert.equal(database()?.banHistory("192.0.2.1", "sshd")?.banCount, 1);
  assert.deepEqual(
    takeLog().filter((line) => !line.includes("Attempt")),
    ["actions: [sshd] Would ban 192.0.2.1 (dryrun)"],
  );
  clock.advance(601);
  await settle();
  assert.deepEqual(banned(), []);
  assert.deepEqual(takeLog(), ["actions: [sshd] Would unban 192.0.2.1 (dryrun)"]);
  await jail.banByHand(["192.0.2.2"]);
  await jail.stop();
  assert.deepEqual(takeCommands(), [], "not even a start or a stop");
  assert.ok(!takeLog().some((line) => /\] (?:Restore |Repeal )?(?:Ban|Unban) /.test(line)));
});

test("when a dry run ends its bans are forgotten, and the real ones from before come into force", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const before = makeTestJail(undefined, services);
  before.jail.start();
  await before.jail.banByHand(["192.0.2.1"]);
  await before.jail.stop();
  before.takeCommands();

  const { jail, banned, takeCommands, takeLog } = makeTestJail(undefined, services);
  jail.policy.set({ dryrun: true });
  takeLog();
  jail.start();
  await settle();
  assert.ok(takeLog().includes("actions: [sshd] Would restore ban 192.0.2.1 (dryrun)"));
  await jail.banByHand(["192.0.2.2"]);
  assert.deepEqual(banned(), ["192.0.2.1", "192.0.2.2"]);
  assert.deepEqual(takeCommands(), []);
  jail.policy.set({ dryrun: false });
  await settle();
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.1"]);
  assert.deepEqual(banned(), ["192.0.2.1"]);
  assert.equal(services.database()?.banHistory("192.0.2.2", "sshd"), null);
  const log = takeLog();
  assert.ok(log.includes("actions: [sshd] Restore Ban 192.0.2.1"));
  assert.ok(log.includes("actions: [sshd] The dry run has ended: 1 bans of it are forgotten"));
  await jail.stop();
  assert.deepEqual(takeCommands(), ["unban 192.0.2.1", "stop"]);
});

test("bans of a dry run are there again after a restart, and gone when it is none any more", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const run = async (dryrun: boolean) => {
    const { jail, banned } = makeTestJail(undefined, services);
    jail.policy.set({ dryrun });
    jail.start();
    await settle();
    const restored = banned();
    if (restored.length === 0) await jail.banByHand(["192.0.2.3"]);
    await jail.stop();
    return restored;
  };
  assert.deepEqual(await run(true), []);
  assert.deepEqual(await run(true), ["192.0.2.3"]);
  assert.deepEqual(await run(false), [], "a ban of a dry run is never enforced");
  assert.deepEqual(await run(true), ["192.0.2.3"], "this one is of the run before");
});

test("what a killed server left in the firewall is cleared away, also by a dry run", async (t) => {
  const { jail, takeCommands, takeLog, services } = makeTestJail({
    ...FIREWALL_COMMANDS,
    actionflush: "flush",
  });
  t.after(() => services.files.close());
  const database = services.database();
  assert.ok(database);
  database.takeUnfinished = () => true;
  jail.policy.set({ dryrun: true });
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  await settle();
  assert.deepEqual(takeCommands(), ["stop"], "the stop command clears away");
  await jail.unbanAll();
  await jail.stop();
  assert.deepEqual(takeCommands(), []);
  assert.ok(!takeLog().some((line) => line.includes("Flush ticket(s)")));
});

test("switched on while bans are in force: those end as they should, new ones are not enforced", async (t) => {
  const { jail, clock, takeCommands, files } = makeTestJail();
  t.after(() => files.close());
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  jail.policy.set({ dryrun: true });
  await jail.banByHand(["192.0.2.2"]);
  jail.bans.banTime = 300;
  clock.advance(301);
  await settle();
  await jail.stop();
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.1", "unban 192.0.2.1", "stop"]);
});

test("a reload that does not mention it any more ends a dry run", async (t) => {
  const { jail, takeCommands, banned, files } = makeTestJail();
  t.after(() => files.close());
  jail.policy.set({ dryrun: true });
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  for (const dryrun of [true, false]) {
    jail.beginReload();
    jail.actions.keep("fw");
    if (dryrun) jail.policy.set({ dryrun });
    assert.equal(jail.policy.newest.dryrun, dryrun);
    assert.equal(jail.policy.rules.dryrun, true, "until the end of the reload");
    await jail.finishReload();
    await settle();
    assert.deepEqual(banned(), dryrun ? ["192.0.2.1"] : []);
  }
  assert.ok(!takeCommands().some((command) => command.startsWith("ban")));
});
