import assert from "node:assert/strict";
import { test } from "node:test";
import { IPv6Setting, machineUsesIPv6 } from "./ipv6.ts";

test("allowipv6 takes auto and truth words", () => {
  const setting = new IPv6Setting(() => true);
  const allowed = (value: string) => {
    setting.set(value);
    return setting.allowed;
  };
  assert.deepEqual(["auto", "no", "YES", "perhaps", "1", "AUTO"].map(allowed), [
    true,
    false,
    true,
    false,
    true,
    true,
  ]);
});

test("the machine can be asked", () => {
  assert.equal(typeof machineUsesIPv6(), "boolean");
});
