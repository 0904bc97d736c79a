import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatAddress, Identifier, parseAddress } from "./identifier.ts";

test("identifiers are written in canonical form", () => {
  const cases: [string, string][] = [
    ["1.2.3.4", "1.2.3.4"],
    ["1.2.3.4/24", "1.2.3.0/24"],
    ["1.2.3.4/255.255.0.0", "1.2.0.0/16"],
    ["1.2.3.4/32", "1.2.3.4"],
    ["2001:DB8::1/32", "2001:db8::/32"],
    ["[2001:db8::5]", "2001:db8::5"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
    ["::", "::"],
    ["::1", "::1"],
    ["::ffff", "::ffff"],
    ["::FFFF:1", "::255.255.0.1"],
    ["::1:0", "::0.1.0.0"],
    ["::1:2:3", "::1:2:3"],
    ["2001:db8::/ffff:ffff::", "2001:db8::/32"],
  ];
  for (const [input, expected] of cases) assert.equal(Identifier.parse(input).text, expected, input);
});

test("what is no address stays text", () => {
  for (const text of [
    "192.168.001.1",
    "1.2.3",
    "0x7f.1",
    "999.1.1.1",
    "1.2.3.4/33",
    "1.2.3.4/255.0.255.0",
    "fe80::1%eth0",
    "1::2::3",
    "",
  ]) {
    const id = Identifier.parse(text);
    assert.equal(id.text, text);
    assert.equal(id.family, null);
  }
});

test("a forced family and a separate prefix are honoured", () => {
  assert.equal(Identifier.parse("1.2.3.4", { family: "inet6" }).family, null);
  assert.equal(Identifier.parse("1.2.3.4", { cidr: "16" }).text, "1.2.0.0/16");
  assert.equal(Identifier.raw("1.2.3.4").family, null);
});

test("networks contain addresses and smaller networks of their family only", () => {
  const net = Identifier.parse("10.0.0.0/8");
  assert.ok(net.contains(Identifier.parse("10.255.0.1")));
  assert.ok(net.contains(Identifier.parse("10.1.0.0/16")));
  assert.ok(!net.contains(Identifier.parse("11.0.0.1")));
  assert.ok(!Identifier.parse("10.1.0.0/16").contains(net));
  assert.ok(!Identifier.parse("::/0").contains(net));
  assert.ok(!Identifier.raw("x").contains(Identifier.raw("x")));
});

test("reversed labels", () => {
  assert.equal(Identifier.parse("192.0.2.7").reversed, "7.2.0.192.");
  assert.equal(Identifier.parse("10.1.0.0/16").reversed, "0/16.0.1.10.");
  assert.equal(
    Identifier.parse("2001:db8::1").reversed,
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.",
  );
  assert.equal(Identifier.raw("x").reversed, "");
});

test("property: every address survives being written and read", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 128n) - 1n), (value) => {
      assert.deepEqual(parseAddress(formatAddress({ family: "inet6", value })), { family: "inet6", value });
    }),
  );
  // Those with a dotted quad are few among all.
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 49n) - 1n), (value) => {
      assert.deepEqual(parseAddress(formatAddress({ family: "inet6", value })), { family: "inet6", value });
    }),
  );
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 32n) - 1n), (value) => {
      assert.deepEqual(parseAddress(formatAddress({ family: "inet4", value })), { family: "inet4", value });
    }),
  );
});

test("property: no text makes the parser throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void Identifier.parse(text)));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcdef:./[]".split("")) }), (text) => {
      const once = Identifier.parse(text);
      if (once.family) assert.equal(Identifier.parse(once.text).text, once.text);
    }),
  );
});
