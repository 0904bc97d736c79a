import assert from "node:assert/strict";
import { test } from "node:test";
import { lookupEncoding } from "./encoding.ts";
import { journalLine } from "./journal-entry.ts";

const utf8 = lookupEncoding("UTF-8");
const STAMP = "1763718000106367";

function lineOf(fields: Record<string, string | Buffer | string[]>, decoder = utf8) {
  const entry = new Map<string, Buffer[]>([["__REALTIME_TIMESTAMP", [Buffer.from(STAMP)]]]);
  for (const [name, value] of Object.entries(fields)) {
    const values = Array.isArray(value) ? value : [value];
    entry.set(
      name,
      values.map((one) => (typeof one === "string" ? Buffer.from(one) : one)),
    );
  }
  return journalLine(entry, decoder)!;
}

test("host, identifier, process and message", () => {
  const fields = { _HOSTNAME: "hostx", SYSLOG_IDENTIFIER: "demo", _COMM: "other", MESSAGE: "hello" };
  assert.equal(lineOf({ ...fields, SYSLOG_PID: "100", _PID: "7" }).text, "hostx demo[100]: hello");
  assert.equal(lineOf({ ...fields, _PID: "7" }).text, "hostx demo[7]: hello");
  assert.equal(lineOf({ ...fields, SYSLOG_PID: " 042 " }).text, "hostx demo[42]: hello");
  assert.equal(lineOf({ ...fields, SYSLOG_PID: "x1" }).text, "hostx demo[x1]: hello");
  assert.equal(lineOf(fields).text, "hostx demo: hello");
});

test("what is missing is left out", () => {
  assert.equal(lineOf({ MESSAGE: "hello" }).text, "hello");
  assert.equal(lineOf({ _COMM: "demo", MESSAGE: "hello" }).text, "demo: hello");
  assert.equal(lineOf({ _HOSTNAME: "h", _PID: "1", MESSAGE: "hello" }).text, "h hello");
  assert.equal(lineOf({ _HOSTNAME: "h" }).text, "h ");
});

test("the kernel's messages carry the time since the start", () => {
  const kernel = { SYSLOG_IDENTIFIER: "kernel", MESSAGE: "x", __MONOTONIC_TIMESTAMP: "123456789" };
  assert.equal(lineOf(kernel).text, "kernel: [  123.456789] x");
  assert.equal(lineOf({ ...kernel, _SOURCE_MONOTONIC_TIMESTAMP: "1" }).text, "kernel: [    0.000001] x");
  assert.equal(lineOf({ ...kernel, _PID: "1" }).text, "kernel[1]: x");
});

test("several messages, line ends, and bytes that are no UTF-8", () => {
  assert.equal(lineOf({ MESSAGE: ["a", "b"] }).text, "a b");
  assert.equal(lineOf({ MESSAGE: "a\nb" }).text, "a\\nb");
  const latin = Buffer.from("caf\xe9", "latin1");
  assert.equal(lineOf({ MESSAGE: latin }).text, "caf\ufffd");
  assert.equal(lineOf({ MESSAGE: latin }, lookupEncoding("latin1")).text, "café");
  assert.equal(lineOf({ MESSAGE: "café" }, lookupEncoding("latin1")).text, "café");
});

test("the time is the source's, else the entry's", () => {
  assert.equal(lineOf({ MESSAGE: "" }).time, 1763718000.106367);
  const source = lineOf({ _SOURCE_REALTIME_TIMESTAMP: "1763718001000000" });
  assert.equal(source.time, 1763718001);
  assert.equal(new Date(source.isoTime).getTime(), 1763718001000);
  assert.match(source.isoTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  assert.match(lineOf({}).isoTime, /:\d\d\.106367[+-]/);
  assert.equal(journalLine(new Map(), utf8), null);
});
