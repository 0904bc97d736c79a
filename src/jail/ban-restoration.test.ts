import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShellCommand } from "../enforce/dynamic-tags.ts";
import { makeTestJail, settle } from "./testing.ts";

const TOTAL = 3000;

/** A jail with so many bans in the database. */
function makeJail() {
  const world = makeTestJail();
  const { database, clock } = world.services;
  database()?.addJail("sshd");
  for (let i = 0; i < TOTAL; i++) {
    const ip = `10.0.${i >> 8}.${i & 255}`;
    const data = { matches: [], failures: 3 };
    database()?.addBan("sshd", { ip, timeOfBan: clock.now() - 60, bantime: 600, banCount: 1, data });
  }
  return world;
}

test("the first bans are carried out while others are still to be read", async () => {
  const { jail, runner } = makeJail();
  const known: number[] = [];
  const run = runner.run.bind(runner);
  runner.run = (command: ShellCommand) => {
    if (command.script.startsWith("ban")) known.push(jail.bans.size);
    return run(command);
  };
  jail.start();
  await jail.restored;
  assert.ok(known[0]! < TOTAL, `${known[0]} bans were known at the first command`);
  assert.equal(known.length, TOTAL);
});

test("a ban that is lifted while others are still to be read does not come back", async () => {
  const { jail, banned, takeCommands } = makeJail();
  jail.start();
  const lifted = ["10.0.0.0", "10.0.9.9"];
  assert.deepEqual(jail.bans.size < TOTAL, true, "not all are known yet");
  await jail.unban(lifted);
  await jail.restored;
  await settle();
  assert.equal(banned().length, TOTAL - 2);
  assert.deepEqual(
    banned().filter((ip) => lifted.includes(ip)),
    [],
  );
  const commands = takeCommands().filter((command) => lifted.some((ip) => command.endsWith(` ${ip}`)));
  assert.deepEqual(
    commands.filter((command) => command.startsWith("ban")).length,
    commands.filter((command) => command.startsWith("unban")).length,
    "what was carried out was taken back",
  );
});

test("a jail that stops meanwhile takes nothing over any more, however long its action takes to stop", async () => {
  const { jail, action, banned, takeCommands, runner } = makeJail();
  action.set("actionflush", "flush");
  const run = runner.run.bind(runner);
  runner.run = async (command: ShellCommand) => {
    await settle();
    return run(command);
  };
  jail.start();
  await jail.stop();
  await settle();
  assert.deepEqual(banned(), []);
  assert.equal(takeCommands().at(-1), "stop");
});
