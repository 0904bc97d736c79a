import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockWatch } from "../time/clock-watch.ts";
import { Jails } from "./jails.ts";
import { makeTestServices, settle } from "./testing.ts";

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
