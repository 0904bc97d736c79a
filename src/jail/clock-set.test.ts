import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockWatch } from "../time/clock-watch.ts";
import { Jails } from "./jails.ts";
import { makeTestJail, makeTestServices, settle } from "./testing.ts";

const HOUR = 3600;

/** A jail with a ban of ten minutes, told of jumps of the clock as the server tells it. */
async function setUp() {
  const services = makeTestServices();
  const jails = new Jails(services);
  await jails.add("j", "polling");
  const jail = jails.get("j");
  jail.start();
  const watch = new ClockWatch(services.clock, () => jail.clockSet());
  watch.start();
  await jail.banByHand(["192.0.2.1"]);
  await settle();
  const banned = () => jail.bans.tickets().map(({ id }) => id.text);
  return { jail, clock: services.clock, banned };
}

test("a clock set ahead by hours: what has ended by then is lifted within a minute", async () => {
  const { clock, banned } = await setUp();
  clock.jump(clock.now() + 5 * HOUR);
  assert.deepEqual(banned(), ["192.0.2.1"]);
  clock.advance(61);
  await settle();
  assert.deepEqual(banned(), []);
});

test("a clock set back by hours: a ban lasts no longer than it would from now on", async () => {
  const { clock, banned } = await setUp();
  clock.jump(clock.now() - 5 * HOUR);
  clock.advance(61);
  clock.advance(540);
  assert.deepEqual(banned(), ["192.0.2.1"]);
  clock.advance(61);
  await settle();
  assert.deepEqual(banned(), []);
});

for (const hours of [5, -5]) {
  test(`the clock set by ${hours} hours: bans go on, none is lifted before its time is over`, async (t) => {
    const { jail, clock, runner, files } = makeTestJail();
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
