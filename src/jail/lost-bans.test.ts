import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { ManualClock } from "../time/clock.ts";
import { BanList, type BanTicket, newBanTicket } from "../track/ban-list.ts";
import type { ActionList } from "./action-list.ts";
import type { Enforcer } from "./enforcer.ts";
import { LostBans } from "./lost-bans.ts";

/** Bans that actions of a fixed epoch have lost, and an enforcer that fails where the test says so. */
function makeLostBans() {
  const clock = new ManualClock(1_800_000_000);
  const bans = new BanList(600);
  const rebanned: string[] = [];
  const actions = { epoch: 0, thatLost: () => ["fw"], consistencyCheck: async () => {} };
  const enforcer = {
    ban: async (_ticket: BanTicket): Promise<boolean> => true,
    reban: async (ticket: BanTicket) => void rebanned.push(ticket.id.text),
  };
  const lost = new LostBans({
    jail: "sshd",
    clock,
    log: new LogHub(() => {}).logger("actions"),
    bans,
    actions: actions as unknown as ActionList,
    enforcer: enforcer as unknown as Enforcer,
  });
  const add = (text: string) => {
    const ticket = newBanTicket({ id: Identifier.parse(text), time: clock.now() });
    bans.add(ticket);
    return ticket;
  };
  return { lost, add, actions, enforcer, rebanned };
}

test("a ban that the actions are at work on is not put back, one that is done is", async () => {
  const { lost, add, actions, enforcer, rebanned } = makeLostBans();
  let finish = (_done: boolean) => {};
  enforcer.ban = () => new Promise((resolve) => (finish = resolve));
  add("192.0.2.1");
  const enforced = lost.enforce(add("192.0.2.2"));
  actions.epoch++;
  await lost.verify();
  assert.deepEqual(rebanned, ["192.0.2.1"]);
  finish(true);
  await enforced;
  actions.epoch++;
  await lost.verify();
  assert.deepEqual(rebanned, ["192.0.2.1", "192.0.2.1", "192.0.2.2"]);
});

test("a ban whose enforcing failed with an error is put back like others", async () => {
  const { lost, add, actions, enforcer, rebanned } = makeLostBans();
  enforcer.ban = () => Promise.reject(new Error("unforeseen"));
  await assert.rejects(lost.enforce(add("192.0.2.1")), /unforeseen/);
  actions.epoch++;
  await lost.verify();
  assert.deepEqual(rebanned, ["192.0.2.1"]);
});
