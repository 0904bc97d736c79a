import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTestJail, makeTestServices, settle } from "./testing.ts";

test("connections are cut when the ban is in the firewall", async (t) => {
  const { jail, takeCommands, runner, takeLog, files } = makeTestJail();
  t.after(() => files.close());
  jail.start();
  await jail.banByHand(["192.0.2.9"]);
  assert.deepEqual(takeCommands(), ["start", "ban 192.0.2.9"], "only if it is switched on");
  jail.policy.set({ killconnections: true });
  runner.stdout = (script) => (script.includes("ss -K") ? "a connection\n" : "");
  takeLog();
  await Promise.all([jail.banByHand(["192.0.2.1", "2001:db8::1"]), jail.banByHand(["198.51.100.0/24"])]);
  await settle();
  const commands = takeCommands();
  const cuts = commands.filter((one) => one.includes("ss -K"));
  for (const ip of ["192.0.2.1", "2001:db8::1", "198.51.100.0/24"]) {
    const at = commands.findIndex((one) => one.includes("ss -K") && one.includes(`dst ${ip} `));
    assert.ok(at > commands.indexOf(`ban ${ip}`), `${ip}: after its ban`);
  }
  assert.ok(cuts.some((one) => one.includes("conntrack -D -f ipv6 -s 2001:db8::1 ")));
  assert.ok(takeLog().some((line) => line.startsWith("actions: [sshd] Cut 1 connection(s) of ")));
  await jail.stop();
});

test("what keeps connections from being cut is told once", async (t) => {
  const services = makeTestServices();
  t.after(() => services.files.close());
  const { jail, runner, takeLog } = makeTestJail(undefined, services);
  jail.policy.set({ killconnections: true });
  jail.start();
  for (const [code, reason] of [
    [3, /neither ss \(iproute2\) nor conntrack is installed/],
    [4, /ss could not cut connections, they stay/],
  ] as const) {
    runner.exitCode = (script) => (script.includes("ss -K") ? code : 0);
    takeLog();
    for (const ip of ["192.0.2.1", "192.0.2.2"]) {
      await jail.banByHand([`${ip}${code}`]);
      await settle();
    }
    const told = takeLog().filter((line) => line.includes("killconnections"));
    assert.equal(told.length, 1);
    assert.match(told[0]!, reason);
  }
  await jail.stop();
});

test("a ban that no action could carry out cuts nothing, nor does one of a dry run", async (t) => {
  const { jail, runner, takeCommands, files } = makeTestJail();
  t.after(() => files.close());
  jail.policy.set({ killconnections: true });
  jail.start();
  runner.exitCode = (script) => (script.startsWith("ban") ? 1 : 0);
  await jail.banByHand(["192.0.2.1"]);
  jail.policy.set({ dryrun: true });
  await jail.banByHand(["192.0.2.2"]);
  await settle();
  assert.ok(!takeCommands().some((one) => one.includes("ss -K")));
  await jail.stop();
});
