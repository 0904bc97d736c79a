import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestJail, makeTestServices, settle } from "./testing.ts";

test("with maxbans the ban that ends soonest gives way to a new one", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const { jail, clock, banned, takeCommands, takeLog } = makeTestJail(undefined, services);
  jail.policy.set({ maxbans: 3 });
  jail.start();
  await jail.banByHand(["192.0.2.1"], 100);
  await jail.banByHand(["192.0.2.2"], -1);
  await jail.banByHand(["192.0.2.3"], 50);
  takeCommands();
  takeLog();
  for (const ip of ["192.0.2.4", "192.0.2.5", "192.0.2.6"]) {
    clock.advance(1);
    await jail.banByHand([ip]);
  }
  assert.deepEqual(banned(), ["192.0.2.2", "192.0.2.5", "192.0.2.6"]);
  assert.deepEqual(takeCommands(), [
    "unban 192.0.2.3",
    "ban 192.0.2.4",
    "unban 192.0.2.1",
    "ban 192.0.2.5",
    "unban 192.0.2.4",
    "ban 192.0.2.6",
  ]);
  const log = takeLog();
  assert.equal(log.filter((line) => line.includes("maxbans = 3 is reached")).length, 1);
  assert.ok(log.includes("actions: [sshd] Unban 192.0.2.3"));
  clock.advance(60);
  assert.ok(
    takeLog().includes("actions: [sshd] maxbans = 3 is reached: 2 more bans were lifted before their end"),
  );
  await jail.stop();

  const again = makeTestJail(undefined, services);
  again.jail.start();
  await settle();
  assert.deepEqual(again.banned(), ["192.0.2.2", "192.0.2.5", "192.0.2.6"], "none that gave way comes back");
  assert.equal(services.database()?.banHistory("192.0.2.1", "sshd")?.banCount, 1, "but it is not forgotten");
  await again.jail.stop();
});

test("bans for ever do not give way: new ones are refused, which is told in sums", async (t) => {
  const { jail, clock, banned, takeLog, files } = makeTestJail();
  t.after(() => files.close());
  jail.policy.set({ maxbans: 1 });
  jail.start();
  assert.equal(await jail.banByHand(["192.0.2.1"], -1), 1);
  takeLog();
  assert.equal(await jail.banByHand(["192.0.2.2", "192.0.2.3"]), 0);
  assert.deepEqual(banned(), ["192.0.2.1"]);
  clock.advance(60);
  assert.deepEqual(takeLog(), [
    "actions: [sshd] maxbans = 1 is reached by bans for ever: 192.0.2.2 is not banned",
    "actions: [sshd] maxbans = 1 is reached by bans for ever: 1 more were not banned",
  ]);
  await jail.stop();
});

test("a limit that is lowered holds at once, and at a start with more bans in the database", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const { jail, banned, clock } = makeTestJail(undefined, services);
  jail.start();
  for (let i = 1; i <= 5; i++) {
    await jail.banByHand([`192.0.2.${i}`]);
    clock.advance(1);
  }
  await jail.stop();
  const again = makeTestJail(undefined, services);
  again.jail.policy.set({ maxbans: 4 });
  again.jail.start();
  await settle();
  assert.deepEqual(again.banned(), ["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"]);
  again.jail.policy.set({ maxbans: 2 });
  await settle();
  assert.deepEqual(again.banned(), ["192.0.2.4", "192.0.2.5"]);
  assert.deepEqual(banned(), []);
  await again.jail.stop();
});

test("bans of a dry run give way to each other and to real ones, which do not give way to them", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const before = makeTestJail(undefined, services);
  before.jail.start();
  await before.jail.banByHand(["192.0.2.1", "192.0.2.2"], 100);
  await before.jail.stop();
  before.takeCommands();

  const { jail, banned, takeCommands, takeLog } = makeTestJail(undefined, services);
  jail.policy.set({ dryrun: true, maxbans: 3 });
  jail.start();
  await settle();
  for (const ip of ["192.0.2.3", "192.0.2.4"]) assert.equal(await jail.banByHand([ip]), 1);
  assert.deepEqual(banned(), ["192.0.2.1", "192.0.2.2", "192.0.2.4"]);
  assert.ok(takeLog().includes("actions: [sshd] Would unban 192.0.2.3 (dryrun)"));
  jail.policy.set({ maxbans: 2 });
  assert.deepEqual(banned(), ["192.0.2.1", "192.0.2.2"]);
  assert.equal(await jail.banByHand(["192.0.2.5"]), 0);
  const refusal = "maxbans = 2 is reached by real bans and bans for ever: 192.0.2.5 is not banned";
  assert.ok(takeLog().includes(`actions: [sshd] ${refusal}`));
  assert.deepEqual(takeCommands(), []);
  jail.policy.set({ dryrun: false });
  await settle();
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.1", "ban 192.0.2.2"]);
  await jail.stop();
});
