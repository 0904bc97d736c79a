import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FIREWALL_COMMANDS, makeTestJail, settle } from "./testing.ts";

/** An action whose firewall does not come back: a module that is missing, a program that does not start any more. */

const MANY = Array.from({ length: 200 }, (_, i) => `198.18.0.${i}`);

/** A jail with many bans in force, in a firewall that works as long as the test says so. */
async function makeJail(t: TestContext, properties: Readonly<Record<string, string>> = FIREWALL_COMMANDS) {
  const world = makeTestJail(properties);
  const { jail, runner, takeCommands } = world;
  t.after(() => world.files.close());
  const firewall = { works: true, lost: false };
  runner.exitCode = (script) => {
    if (!firewall.works) return 1;
    if (script.startsWith("start")) firewall.lost = false;
    return firewall.lost ? 1 : 0;
  };
  jail.start();
  await jail.banByHand(MANY);
  takeCommands();
  const fail = () => Object.assign(firewall, { works: false, lost: true });
  /** Bans one more and gives the commands that ran. */
  const ban = async (ip: string) => {
    await jail.banByHand([ip]);
    await settle();
    return takeCommands();
  };
  return { ...world, firewall, fail, ban };
}

const ATTEMPT = ["check", "stop", "start"];

test("bans are not put back again and again where nothing works, and all of them are when it works again", async (t) => {
  const { fail, ban, firewall } = await makeJail(t);
  fail();
  for (const ip of ["198.19.0.1", "198.19.0.2", "198.19.0.3"])
    assert.deepEqual(await ban(ip), [`ban ${ip}`, ...ATTEMPT]);
  firewall.works = true;
  const commands = await ban("198.19.0.4");
  assert.deepEqual(commands.slice(0, 6), ["ban 198.19.0.4", ...ATTEMPT, "check", "ban 198.19.0.4"]);
  const put = commands.slice(6).sort();
  assert.deepEqual(
    put,
    [...MANY, "198.19.0.1", "198.19.0.2", "198.19.0.3"].map((ip) => `ban ${ip}`).sort(),
    "each of the others once",
  );
  assert.deepEqual(await ban("198.19.0.5"), ["ban 198.19.0.5"]);
});

test("the regular look finds that it works again", async (t) => {
  const { jail, clock, fail, ban, firewall, takeCommands, takeLog } = await makeJail(t);
  jail.policy.set({ verify: 60 });
  fail();
  await ban("198.19.0.1");
  clock.advance(60);
  await settle();
  assert.deepEqual(takeCommands(), ATTEMPT);
  firewall.works = true;
  takeLog();
  clock.advance(60);
  await settle();
  const commands = takeCommands();
  assert.deepEqual(commands.slice(0, 4), [...ATTEMPT, "check"]);
  assert.equal(commands.length, 4 + MANY.length + 1);
  assert.ok(takeLog().includes(`actions: [sshd] Reban ${MANY.length + 1} ticket(s), action(s) fw`));
});

test("somebody else has put the firewall in order, without the bans", async (t) => {
  const { fail, ban, firewall } = await makeJail(t);
  fail();
  await ban("198.19.0.1");
  Object.assign(firewall, { works: true, lost: false });
  const commands = await ban("198.19.0.2");
  assert.equal(commands[0], "ban 198.19.0.2");
  assert.equal(commands.length, 1 + MANY.length + 1);
});

test("bans that failed because the action could not be started come into force when it can", async (t) => {
  const { jail, takeCommands, firewall, fail, ban } = await makeJail(t, {
    ...FIREWALL_COMMANDS,
    actionstart: "start <family>",
    actionstart_on_demand: "1",
  });
  fail();
  for (const ip of ["2001:db8::1", "2001:db8::2"]) assert.deepEqual(await ban(ip), ["start inet6"]);
  firewall.works = true;
  const commands = await ban("2001:db8::3");
  assert.deepEqual(commands.slice(0, 2), ["start inet6", "ban 2001:db8::3"]);
  const put = commands.slice(2).filter((command) => command.includes("2001:"));
  assert.deepEqual(put.sort(), ["ban 2001:db8::1", "ban 2001:db8::2"]);
  await jail.stop();
  takeCommands();
});

test("bans that are being put back when nothing works any more are let be", async (t) => {
  const { runner, fail, ban, firewall } = await makeJail(t);
  fail();
  // It can be started once, and then a few bans come through.
  let left = 10;
  runner.exitCode = (script) => {
    if (script === "start") firewall.lost = false;
    if (firewall.lost) return 1;
    if (script.startsWith("ban") && left-- === 0) runner.exitCode = () => 1;
    return 0;
  };
  const commands = await ban("198.19.0.1");
  assert.ok(commands.length < 30, `${commands.length} commands`);
});
