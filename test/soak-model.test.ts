import assert from "node:assert/strict";
import { test } from "node:test";
import { SimpleRules } from "./soak-model.ts";

test("who fails often enough within the time is banned for the time", () => {
  const rules = new SimpleRules({ maxRetry: 3, findTime: 10, banTime: 60 });
  for (const time of [100, 105, 110, 115]) rules.failure("slow", time);
  assert.equal(rules.bans.length, 0, "never three within ten seconds");
  for (const time of [100, 101, 102, 103, 104, 105]) rules.failure("fast", time);
  assert.equal(rules.bans.length, 1, "who is banned does not fail");
  assert.deepEqual(rules.bannedUntil(162), new Set(["fast"]));
  assert.deepEqual(rules.bannedUntil(163), new Set());
  rules.failure("fast", 162);
  assert.equal(rules.bans.length, 1, "the count begins anew");
  rules.ban("by hand", 200);
  rules.unban("by hand");
  assert.equal(rules.bans.length, 2);
  assert.deepEqual(rules.bannedUntil(200), new Set());
});
