import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPrefixList, parsePrefixList } from "./prefix-list.ts";

test("lists of prefixes are read and written", () => {
  assert.deepEqual(parsePrefixList(" ipv6/64 ", false), [{ family: "inet6", length: 64, count: 1 }]);
  assert.deepEqual(parsePrefixList("ipv4/24:8, INET6/56:3", true), [
    { family: "inet4", length: 24, count: 8 },
    { family: "inet6", length: 56, count: 3 },
  ]);
  for (const text of ["ipv4/24 ipv6/64", "none"]) {
    assert.equal(formatPrefixList(parsePrefixList(text, false)!, false), text);
  }
  assert.equal(formatPrefixList(parsePrefixList("ipv4/24:8", true)!, true), "ipv4/24:8");
  for (const none of ["", "none", "off", "False"]) assert.deepEqual(parsePrefixList(none, false), []);
});

test("what is no list of prefixes is refused", () => {
  const wrong = ["24", "ipv4", "ipv4/7", "ipv4/32", "ipv6/8", "ipv6/128", "ipv5/24", "ipv4/24 ipv4/16"];
  for (const text of wrong) assert.equal(parsePrefixList(text, false), undefined, text);
  assert.equal(parsePrefixList("ipv4/24:8", false), undefined, "a count where none belongs");
  for (const text of ["ipv4/24", "ipv4/24:1", "ipv4/24:x"]) {
    assert.equal(parsePrefixList(text, true), undefined, text);
  }
});
