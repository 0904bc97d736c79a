import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { ServiceManager, takeServiceManager } from "./service-manager.ts";

test("the manager hears of readiness, then regularly, then of the end", async () => {
  const clock = new ManualClock(1000);
  const sent: string[] = [];
  const log = new LogHub(() => {}).logger("server");
  const notify = async (words: readonly string[]) => void sent.push(words.join(" "));
  const manager = new ServiceManager({ clock, log, notify, watchdogSeconds: 30 });
  clock.advance(60);
  assert.deepEqual(sent, [], "nothing before it is ready");
  manager.ready("2 jails");
  clock.advance(31);
  assert.deepEqual(sent, ["READY=1 STATUS=2 jails", "WATCHDOG=1", "WATCHDOG=1"]);
  manager.stopping();
  clock.advance(60);
  assert.deepEqual(sent.slice(3), ["STOPPING=1"]);
});

test("a message that cannot be sent is a warning", async () => {
  const said: string[] = [];
  const log = new LogHub((record) => said.push(record.message)).logger("server");
  const notify = () => Promise.reject(new Error("no such tool"));
  new ServiceManager({ clock: new ManualClock(0), log, notify, watchdogSeconds: null }).ready("x");
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(said, ["The service manager could not be told READY=1 STATUS=x: no such tool"]);
});

test("the variables of the manager are for this process only", () => {
  const tools = { clock: new ManualClock(0), log: new LogHub(() => {}).logger("server") };
  const env: NodeJS.ProcessEnv = {
    NOTIFY_SOCKET: "/none",
    WATCHDOG_USEC: "1000000",
    WATCHDOG_PID: "7",
    PATH: "x",
  };
  assert.ok(takeServiceManager(env, 7, tools));
  assert.deepEqual(env, { PATH: "x" });
  assert.equal(takeServiceManager(env, 7, tools), null);
});
