import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Identifier } from "../net/identifier.ts";
import type { Action, BanOperation } from "./action.ts";
import { ActionQueue, DroppedError, QueueFullError } from "./action-queue.ts";
import type { BanInfo } from "./ban-info.ts";

/** An action whose operations last until the test lets them go on. */
class SlowAction implements Action {
  readonly name = "slow";
  readonly norestored = false;
  readonly holdsBans = true;
  readonly prolongable = true;
  readonly flushes = true;
  readonly checkable = false;
  readonly repairsOnUnban = false;
  readonly epoch = 0;
  readonly done: string[] = [];
  running = 0;
  gate: Promise<void> = Promise.resolve();
  onOpen = () => {};

  close(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = promise;
    this.onOpen = resolve;
  }
  open(): void {
    this.onOpen();
  }

  async #note(text: string): Promise<void> {
    assert.equal(++this.running, 1, "one at a time");
    await this.gate;
    this.done.push(text);
    this.running--;
    if (text === "ban bad") throw new Error("no");
  }
  start = () => this.#note("start");
  stop = () => this.#note("stop");
  ban = (info: BanInfo) => this.#note(`ban ${info.id}`);
  reban = (info: BanInfo) => this.#note(`reban ${info.id}`);
  unban = (info: BanInfo) => this.#note(`unban ${info.id}`);
  prolong = (info: BanInfo) => this.#note(`prolong ${info.id}`);
  flush = async () => {
    await this.#note("flush");
    return true;
  };
  consistencyCheck = async () => true;
  reload = () => this.#note("reload");
}

/** Takes several bans at once. */
class BatchAction extends SlowAction {
  readonly mostAtOnce = 3;

  /** Ends with the first that fails. */
  async runSome(operations: readonly BanOperation[]): Promise<readonly (Error | null)[]> {
    const bad = operations.findIndex(({ info }) => info.id.text === "bad");
    const some = operations.slice(0, bad < 0 ? operations.length : bad + 1);
    this.done.push(some.map(({ kind, info }) => `${kind} ${info.id}`).join(" + "));
    await this.gate;
    return some.map(({ info }) => (info.id.text === "bad" ? new Error("no") : null));
  }
}

function ban(text: string): BanInfo {
  return { id: Identifier.raw(text), family: null, restored: false, value: () => null };
}

describe("ActionQueue", () => {
  it("keeps the order, whatever fails", async () => {
    const action = new SlowAction();
    const queue = new ActionQueue(action);
    const results = await Promise.allSettled([
      queue.do((a) => a.start()),
      queue.ban(ban("a")),
      queue.ban(ban("bad")),
      queue.unban(ban("a")),
      queue.reban(ban("b")),
      queue.prolong(ban("b")),
      queue.do((a) => a.flush()),
    ]);
    assert.deepEqual(action.done, ["start", "ban a", "ban bad", "unban a", "reban b", "prolong b", "flush"]);
    assert.deepEqual(
      results.map((result) => result.status === "fulfilled"),
      [true, true, false, true, true, true, true],
    );
    await queue.drained();
    assert.equal(queue.length, 0);
  });

  it("does not wait for the queues of other actions", async () => {
    const slow = new SlowAction();
    slow.close();
    const mail = new ActionQueue(slow).ban(ban("a"));
    await new ActionQueue(new SlowAction()).ban(ban("a"));
    assert.deepEqual(slow.done, []);
    slow.open();
    await mail;
  });

  it("refuses bans when too many wait, and nothing else", async () => {
    const action = new SlowAction();
    action.close();
    const queue = new ActionQueue(action, { limit: 2 });
    const first = queue.ban(ban("a"));
    const second = queue.ban(ban("b"));
    await assert.rejects(queue.ban(ban("c")), QueueFullError);
    const unban = queue.unban(ban("a"));
    action.open();
    await Promise.all([first, second, unban]);
    assert.deepEqual(action.done, ["ban a", "ban b", "unban a"]);
    await queue.ban(ban("c"));
  });

  it("drops what waits when told to, but no start, stop or flush", async () => {
    const action = new SlowAction();
    action.close();
    const queue = new ActionQueue(action);
    const running = queue.ban(ban("a"));
    await Promise.resolve();
    await Promise.resolve();
    const waiting = queue.ban(ban("b"));
    const stop = queue.do((a) => a.stop());
    assert.equal(queue.drop("stopping"), 1);
    await assert.rejects(waiting, DroppedError);
    action.open();
    await Promise.all([running, stop]);
    assert.deepEqual(action.done, ["ban a", "stop"]);
  });

  it("hands over runs of operations to an action that takes several", async () => {
    const action = new BatchAction();
    const queue = new ActionQueue(action);
    const results = await Promise.allSettled([
      ...["a", "bad", "c", "d", "e"].map((id) => queue.ban(ban(id))),
      queue.unban(ban("a")),
      queue.do((a) => a.start()),
      queue.ban(ban("f")),
    ]);
    assert.deepEqual(action.done, ["ban a + ban bad", "ban c + ban d + ban e", "unban a", "start", "ban f"]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled", "fulfilled", "fulfilled", "fulfilled"],
    );
  });

  it("drops also what an action gave back, but nothing that it executes", async () => {
    const action = new BatchAction();
    action.close();
    const queue = new ActionQueue(action);
    const running = ["a", "bad", "c", "d"].map((id) => queue.ban(ban(id)));
    const unban = queue.unban(ban("a"));
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(queue.drop("no time", new Set(["ban"])), 1);
    action.open();
    const results = await Promise.allSettled(running);
    assert.deepEqual(
      results.map((result) => (result.status === "rejected" ? result.reason.name : "done")),
      ["done", "Error", "DroppedError", "DroppedError"],
    );
    await unban;
    assert.deepEqual(action.done, ["ban a + ban bad", "unban a"]);
  });

  it("begins nothing while it is held", async () => {
    const action = new SlowAction();
    const queue = new ActionQueue(action);
    queue.hold();
    const first = queue.ban(ban("a"));
    const second = queue.do((a) => a.reload());
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    assert.deepEqual([action.done, queue.length], [[], 2]);
    queue.release();
    await Promise.all([first, second]);
    assert.deepEqual(action.done, ["ban a", "reload"]);
    await queue.drained();
  });

  it("works through many operations", async () => {
    const action = new SlowAction();
    const queue = new ActionQueue(action);
    await Promise.all(Array.from({ length: 5000 }, (_, index) => queue.ban(ban(String(index)))));
    assert.deepEqual(
      action.done,
      Array.from({ length: 5000 }, (_, index) => `ban ${index}`),
    );
  });
});
