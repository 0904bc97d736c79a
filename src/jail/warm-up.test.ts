import assert from "node:assert/strict";
import { test } from "node:test";
import { LEVELS } from "../log/logger.ts";
import { makeTestServices } from "./testing.ts";
import { warmUp } from "./warm-up.ts";

test("attackers are banned for practice, of which nothing is left and nobody hears", async () => {
  const services = makeTestServices();
  services.hub.level = LEVELS.DEBUG;
  const applied: unknown[] = [];
  const transactions = { apply: async (...args: unknown[]) => applied.push(args) > 0, close() {} };
  await warmUp({ ...services, transactions });
  const [line, ...more] = services.takeLog();
  assert.match(line ?? "", /^server: Warmed up: (\d+) of \1 attackers in \d+ ms$/);
  assert.deepEqual(more, []);
  assert.deepEqual(services.runner.commands, []);
  assert.deepEqual(applied, []);
  assert.deepEqual(services.database()?.jailNames(), []);
  assert.deepEqual(services.database()?.recordedBans({ limit: 10 }), []);
});
