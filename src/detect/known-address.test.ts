import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { knownAddress } from "./known-address.ts";

const part = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map(String),
  fc.constantFrom("0", "00", "01", "010", "255"),
);
const ip4 = fc.tuple(part, part, part, part).map((parts) => parts.join("."));

test("an address is the one of its text, whatever was met before", () => {
  fc.assert(
    fc.property(fc.array(ip4, { minLength: 1, maxLength: 200 }), (texts) => {
      for (const text of [...texts, ...texts]) assert.equal(knownAddress(text, "inet4").ip4, text);
    }),
    { numRuns: 200 },
  );
  for (const text of ["2001:db8::1", "::1", "::"]) assert.equal(knownAddress(text, "inet6").ip6, text);
});

test("an address that turns up again is the same object", () => {
  for (const text of ["0.0.0.0", "192.0.2.1", "255.255.255.255", "192.0.2.117"])
    assert.equal(knownAddress(text, "inet4"), knownAddress(`${text} `.slice(0, -1), "inet4"));
});
