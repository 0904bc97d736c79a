import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { Identifier } from "./identifier.ts";
import { OwnAddresses } from "./own-addresses.ts";
import { Resolver } from "./resolver.ts";

function setUp(addresses: string[]) {
  const clock = new ManualClock(1_800_000_000);
  const log = new LogHub(() => {}).logger("ipdns");
  const names = {
    addressesOf: async (name: string) => (name === "localhost" ? ["127.0.0.1"] : ["198.51.100.9"]),
    nameOf: () => Promise.reject(new Error("no names")),
  };
  const entry = (address: string) => ({ address }) as NetworkInterfaceInfo;
  const own = new OwnAddresses({
    clock,
    resolver: new Resolver({ clock, log, names }),
    interfaces: () => ({ eth0: addresses.map(entry) }),
  });
  return { clock, has: (text: string) => own.has(Identifier.parse(text)), own };
}

test("addresses of the interfaces, in any spelling", () => {
  const { has, own } = setUp(["203.0.113.1", "2001:db8::1", "fe80::1"]);
  for (const text of ["203.0.113.1", "::ffff:203.0.113.1", "2001:DB8:0::1", "[2001:db8::1]", "fe80::1"]) {
    assert.ok(has(text), text);
  }
  assert.ok(!has("203.0.113.2"));
  assert.ok(own.concernedBy(Identifier.parse("203.0.113.0/24")));
  assert.ok(!own.concernedBy(Identifier.parse("203.0.112.0/24")));
});

test("an address that an interface gets later, within a second", () => {
  const addresses = ["203.0.113.1"];
  const { clock, has } = setUp(addresses);
  assert.ok(!has("203.0.113.2"));
  addresses.push("203.0.113.2");
  clock.advance(1);
  assert.ok(has("203.0.113.2"));
  addresses.shift();
  clock.advance(1);
  assert.ok(!has("203.0.113.1"), "and one that was taken away may be banned");
});

test("addresses of the host's names", async () => {
  const { has } = setUp([]);
  assert.ok(!has("198.51.100.9"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(has("198.51.100.9"));
  assert.ok(has("127.0.0.1"));
});
