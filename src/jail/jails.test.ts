import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandAction } from "../enforce/command-action.ts";
import type { ShellCommand } from "../enforce/dynamic-tags.ts";
import { Jails } from "./jails.ts";
import { makeTestServices, settle } from "./testing.ts";

/** A jail that begins with bans in the database, and an action that is done with one when the test says so. */
async function makeJails() {
  const services = makeTestServices();
  const { clock, runner } = services;
  const jails = new Jails(services);
  await jails.add("sshd", "polling");
  const jail = jails.get("sshd");
  const data = { matches: [], failures: 1 };
  const ban = { ip: "192.0.2.1", timeOfBan: clock.now(), bantime: 600, banCount: 1, data };
  services.database()?.addBan("sshd", ban);
  jail.actionMaker.addCommands("fw");
  (jail.actions.get("fw") as CommandAction).set("actionban", "ban <ip>");
  const done = Promise.withResolvers<void>();
  const run = runner.run.bind(runner);
  runner.run = async (command: ShellCommand) => {
    await done.promise;
    return run(command);
  };
  let prepared = false;
  jail.filter.prepare = () => {
    prepared = true;
  };
  return { jails, clock, finish: done.resolve, prepared: () => prepared };
}

test("preparations for lines to come wait for bans that come back", async () => {
  const { jails, finish, prepared } = await makeJails();
  jails.get("sshd").start();
  const done = jails.prepare();
  await settle();
  assert.equal(prepared(), false);
  finish();
  await done;
  assert.equal(prepared(), true);
});

test("preparations do not wait for an action that takes long", async () => {
  const { jails, clock, prepared } = await makeJails();
  jails.get("sshd").start();
  const done = jails.prepare();
  await settle();
  clock.advance(1);
  await done;
  assert.equal(prepared(), true);
});
