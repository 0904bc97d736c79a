import assert from "node:assert/strict";
import { test } from "node:test";
import { HostName } from "./host-name.ts";

test("the full name comes from the resolver", async () => {
  const names = { addressesOf: async () => ["192.0.2.1"], nameOf: async () => "web1.example.org" };
  const host = new HostName(names, "web1");
  assert.equal(host.full, "web1");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(host.full, "web1.example.org");
  assert.equal(host.short, "web1");
});

test("a name that cannot be resolved stays as it is", async () => {
  const fail = () => Promise.reject(new Error("no"));
  const host = new HostName({ addressesOf: fail, nameOf: fail }, "web1");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(host.full, "web1");
});
