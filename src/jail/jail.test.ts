import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShellCommand } from "../enforce/dynamic-tags.ts";
import { FIREWALL_COMMANDS, makeTestJail, settle } from "./testing.ts";

test("a reload does not wait for an action that is busy, which goes on with the new configuration in its turn", async (t) => {
  const { jail, action, clock, runner, files } = makeTestJail();
  t.after(() => files.close());
  jail.start();
  const slow = Promise.withResolvers<void>();
  const run = runner.run.bind(runner);
  runner.run = async (command: ShellCommand) => {
    const result = await run(command);
    if (command.script === "ban 192.0.2.1") await slow.promise;
    return result;
  };
  void jail.banByHand(["192.0.2.1"]);
  await settle();
  jail.beginReload();
  jail.actions.keep("fw");
  const changed = { ...FIREWALL_COMMANDS, actionban: "new ban <ip>", actionreload: "reload" };
  for (const [name, value] of Object.entries(changed)) action.set(name, value);
  let done = false;
  const reloaded = jail.finishReload().then(() => {
    done = true;
  });
  await settle();
  assert.deepEqual([jail.idle, done], [false, false], "lines are read on, and the answer waits a little");
  clock.advance(2);
  await reloaded;
  void jail.banByHand(["192.0.2.2"]);
  await settle();
  assert.deepEqual(runner.commands, ["start", "ban 192.0.2.1"]);
  slow.resolve();
  await settle();
  assert.deepEqual(runner.commands.slice(2), ["reload", "new ban 192.0.2.2"]);
});
