import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub, type LogRecord } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { Identifier } from "./identifier.ts";
import { OwnAddresses } from "./own-addresses.ts";
import { type NameService, Resolver, reprAddresses } from "./resolver.ts";

function setUp(names: NameService) {
  const records: LogRecord[] = [];
  const clock = new ManualClock(1000);
  const log = new LogHub((r) => records.push(r)).logger("ipdns");
  return { records, clock, resolver: new Resolver({ clock, log, names }) };
}

test("names resolve to distinct addresses and are asked once in five minutes", async () => {
  let asked = 0;
  const { resolver, clock } = setUp({
    addressesOf: async () => {
      asked++;
      return ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"];
    },
    nameOf: async () => "host.example",
  });
  assert.equal(reprAddresses(await resolver.resolve("host.example")), "{'192.0.2.1', '2001:db8::1'}");
  await resolver.resolve("host.example");
  assert.equal(asked, 1);
  clock.advance(301);
  resolver.ipv6Allowed = () => false;
  assert.equal(reprAddresses(await resolver.resolve("host.example")), "{'192.0.2.1'}");
  assert.equal(asked, 2);
  assert.equal(await resolver.reverse("192.0.2.1"), "host.example");
});

test("a failure is no address, is logged once and cached", async () => {
  const { resolver, records } = setUp({
    addressesOf: () => Promise.reject(new Error("no such name")),
    nameOf: () => Promise.reject(new Error("no such name")),
  });
  assert.deepEqual(await resolver.resolve("nowhere.invalid"), []);
  assert.deepEqual(await resolver.resolve("nowhere.invalid"), []);
  assert.equal(await resolver.reverse("192.0.2.1"), null);
  assert.deepEqual(
    records.map((r) => r.message),
    ["Unable to find a corresponding IP address for nowhere.invalid: no such name"],
  );
});

test("an address stands for itself", async () => {
  const { resolver } = setUp({ addressesOf: () => Promise.reject(), nameOf: () => Promise.reject() });
  assert.equal(reprAddresses(await resolver.resolve("[2001:DB8::1]")), "{'2001:db8::1'}");
});

test("own addresses are those of the interfaces and of the host names", async () => {
  const { resolver, clock } = setUp({
    addressesOf: async (name) => (name === "localhost" ? ["127.0.0.1"] : ["198.51.100.9"]),
    nameOf: () => Promise.reject(),
  });
  const address = { address: "192.0.2.1", netmask: "", mac: "", internal: false, cidr: null };
  const interfaces = () => ({ eth0: [{ ...address, family: "IPv4" as const }] });
  const own = new OwnAddresses({ clock, resolver, interfaces });
  assert.ok(own.has(Identifier.parse("192.0.2.1")));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(own.has(Identifier.parse("198.51.100.9")));
  assert.ok(own.has(Identifier.parse("127.0.0.1")));
  assert.ok(!own.has(Identifier.parse("192.0.2.2")));
});
