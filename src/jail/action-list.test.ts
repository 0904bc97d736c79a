import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Action } from "../enforce/action.ts";
import type { BanInfo } from "../enforce/ban-info.ts";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { ManualClock } from "../time/clock.ts";
import { type BanTicket, newBanTicket } from "../track/ban-list.ts";
import { ActionList } from "./action-list.ts";
import { settle } from "./testing.ts";

/** Sends one message after the other; each takes until the test says that it is sent. */
class MailAction implements Action {
  readonly norestored = false;
  readonly holdsBans: boolean = true;
  readonly prolongable = false;
  readonly checkable: boolean = false;
  readonly repairsOnUnban = false;
  readonly epoch = 0;
  readonly done: string[] = [];
  readonly name: string;
  readonly flushes: boolean;
  #gate: PromiseWithResolvers<void> | null = null;

  constructor(name: string, options: { slow: boolean; flushes?: boolean }) {
    this.name = name;
    this.flushes = options.flushes ?? false;
    if (options.slow) this.#gate = Promise.withResolvers();
  }

  sent(): void {
    this.#gate?.resolve();
    this.#gate = Promise.withResolvers();
  }

  async #send(text: string): Promise<void> {
    await this.#gate?.promise;
    this.done.push(text);
  }

  start = async () => {};
  stop = async () => void this.done.push("stop");
  ban = (info: BanInfo) => this.#send(`ban ${info.id}`);
  reban = (info: BanInfo) => this.#send(`reban ${info.id}`);
  unban = async (info: BanInfo) => void this.done.push(`unban ${info.id}`);
  prolong = async () => {};
  flush = async () => {
    this.done.push("flush");
    return true;
  };
  consistencyCheck = async () => true;
  reload = async () => {};
}

function setUp(...actions: MailAction[]) {
  const clock = new ManualClock(1000);
  const log: string[] = [];
  const hub = new LogHub(({ message }) => log.push(message));
  const list = new ActionList({
    jail: "sshd",
    clock,
    log: hub.logger("actions"),
    infoOf: ({ id, restored }): BanInfo => ({ id, restored, family: id.family, value: () => null }),
    queueLimit: 3,
  });
  for (const action of actions) list.add(action);
  return { clock, log, list };
}

function ticket(last: number, restored = false): BanTicket {
  return newBanTicket({ id: Identifier.parse(`192.0.2.${last}`), time: 1000, restored });
}

describe("ActionList with an action that is too slow", () => {
  it("delays no other action, and sums up what it is not handed", async () => {
    const [mail, firewall] = [
      new MailAction("mail", { slow: true }),
      new MailAction("firewall", { slow: false, flushes: true }),
    ];
    const { clock, log, list } = setUp(mail, firewall);
    for (let i = 1; i <= 20; i++) {
      void list.ban(ticket(i));
      await settle();
    }
    assert.equal(firewall.done.length, 20);
    assert.deepEqual(log, [
      "[sshd] Action mail cannot keep up, bans are not handed to it any more: 3 operations wait for action mail",
    ]);
    clock.advance(60);
    assert.match(
      log.at(-1) ?? "",
      /^\[sshd\] Action mail cannot keep up: 15 more bans were not handed to it$/,
    );
    clock.advance(600);
    assert.equal(log.length, 2, "and then it is quiet");
  });

  it("lifts only what reached it", async () => {
    const mail = new MailAction("mail", { slow: true });
    const { list } = setUp(mail);
    const bans = [1, 2, 3, 4, 5].map((i) => list.ban(ticket(i)));
    await settle();
    const unbans = [1, 2, 3, 4, 5].map((i) => list.unban(ticket(i)));
    for (let i = 0; i < 5; i++) {
      mail.sent();
      await settle();
    }
    await Promise.all([...bans, ...unbans]);
    const reached = mail.done.filter((text) => text.startsWith("ban")).map((text) => `un${text}`);
    assert.ok(reached.length >= 3 && reached.length < 5);
    assert.deepEqual(mail.done.slice(reached.length), reached);
  });

  it("takes any number of bans from the database", async () => {
    const mail = new MailAction("mail", { slow: true });
    const { list, log } = setUp(mail);
    for (let i = 1; i <= 20; i++) void list.ban(ticket(i, true));
    await settle();
    assert.deepEqual(log, []);
  });

  it("gets some seconds when the jail stops", async () => {
    const mail = new MailAction("mail", { slow: true });
    const { clock, list, log } = setUp(mail);
    for (let i = 1; i <= 3; i++) void list.ban(ticket(i));
    await settle();
    const flushed = list.flush({ stopping: true });
    mail.sent();
    await settle();
    assert.deepEqual(mail.done, ["ban 192.0.2.1"]);
    clock.advance(5);
    assert.deepEqual(await flushed, ["mail"]);
    assert.deepEqual(log, ["[sshd] Stopping: 1 bans still waited for action mail and are dropped"]);
    await Promise.resolve();
    const unbans = [1, 2, 3].map((i) => list.unban(ticket(i), ["mail"]));
    const stopped = list.stop();
    mail.sent();
    await Promise.all([...unbans, stopped]);
    assert.deepEqual(mail.done.slice(1), ["ban 192.0.2.2", "unban 192.0.2.1", "unban 192.0.2.2", "stop"]);
  });

  it("is not waited for longer than it needs", async () => {
    const mail = new MailAction("mail", { slow: false });
    const { list, log } = setUp(mail);
    void list.ban(ticket(1));
    assert.deepEqual(await list.flush({ stopping: true }), ["mail"]);
    assert.deepEqual([mail.done, log], [["ban 192.0.2.1"], []]);
  });
});

class BrokenCheck extends MailAction {
  override readonly checkable = true;
  override consistencyCheck = () => Promise.reject(new Error("no contact"));
}

describe("a consistency check that fails with an error", () => {
  it("is logged and stops nobody", async () => {
    const { list, log } = setUp(new BrokenCheck("broken", { slow: false }));
    await list.consistencyCheck();
    assert.deepEqual(log, ["Failed to check jail 'sshd' action 'broken': no contact"]);
  });
});
