import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelTimeout } from "./kernel-timeout.ts";
import { FIREWALL_COMMANDS, makeTestJail, makeTestServices, settle } from "./testing.ts";

const COMMANDS = {
  ...FIREWALL_COMMANDS,
  actionban: "ban <ip> <kerneltimeout>",
  actionrenew: "renew <ip> <kerneltimeout>",
};

test("seconds are rounded up, with a margin; what is too long is never", () => {
  assert.equal(kernelTimeout(1600.2, 1000), 611);
  assert.equal(kernelTimeout(900, 1000), 10);
  assert.equal(kernelTimeout(1000 + 2_147_483, 1000), 0);
});

test("the firewall is told how long a ban lasts, and again when that changes", async (t) => {
  const { jail, takeCommands, clock, files } = makeTestJail(COMMANDS);
  t.after(() => files.close());
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.1 0"], "by default it is not");
  jail.policy.set({ kerneltimeout: true });
  await settle();
  assert.deepEqual(takeCommands(), ["renew 192.0.2.1 610"]);
  clock.advance(100);
  await jail.banByHand(["192.0.2.2"], -1);
  await jail.banByHand(["192.0.2.1"], 3600);
  await settle();
  assert.deepEqual(
    takeCommands().filter((one) => one !== "check"),
    ["ban 192.0.2.2 0", "renew 192.0.2.1 3610"],
  );
  await jail.banByHand(["192.0.2.3"]);
  takeCommands();
  jail.settings.setBanTime(600);
  await settle();
  assert.deepEqual(takeCommands(), [], "as it was");
  jail.settings.setBanTime(1000);
  await settle();
  assert.ok(takeCommands().includes("renew 192.0.2.3 1010"));
  jail.policy.set({ kerneltimeout: false });
  await settle();
  assert.deepEqual(takeCommands(), ["renew 192.0.2.1 0", "renew 192.0.2.2 0", "renew 192.0.2.3 0"]);
  await jail.stop();
});

test("a ban that comes back from the database has the time that is left", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const first = makeTestJail(COMMANDS, services);
  first.jail.start();
  await first.jail.banByHand(["192.0.2.1"]);
  await first.jail.stop();
  first.takeCommands();
  services.clock.advance(200);
  const { jail, takeCommands } = makeTestJail(COMMANDS, services);
  jail.policy.set({ kerneltimeout: true });
  jail.start();
  await settle();
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.1 410"]);
  await jail.stop();
});

test("no option of an action replaces the tag", async (t) => {
  const { jail, takeCommands, files } = makeTestJail({ ...COMMANDS, kerneltimeout: "0" });
  t.after(() => files.close());
  jail.policy.set({ kerneltimeout: true });
  jail.start();
  await jail.banByHand(["192.0.2.1"]);
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.1 610"]);
  await jail.stop();
});
