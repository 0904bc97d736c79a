import assert from "node:assert/strict";
import { test } from "node:test";
import { RegexError } from "./regex-error.ts";
import { failuresOf, failuresOfBlock, NOW, testFilter } from "./testing.ts";

test("expressions are checked when they are added", () => {
  const { filter, messages } = testFilter({});
  const refused = (work: () => void, message: RegExp) =>
    assert.throws(work, (error) => error instanceof RegexError && message.test(error.message));
  refused(() => filter.addFailRegex(" "), /^Cannot add empty regex$/);
  refused(() => filter.addFailRegex("no id"), /^No failure-id group in 'no id'$/);
  refused(
    () => filter.addFailRegex("bad ( <ADDR>"),
    /^Unable to compile regular expression 'bad \( .*':\nmissing \)/,
  );
  assert.equal(messages.length, 3);
  filter.prefRegex = "^<F-MLFID>\\d+</F-MLFID>";
  filter.addFailRegex("no id");
  filter.prefRegex = "";
  assert.equal(filter.prefRegex, "");
  assert.deepEqual(filter.failRegex(), ["no id"]);
  filter.removeFailRegex(7);
  assert.equal(messages.at(-1), "Cannot remove regular expression. Index 7 is not valid");
  filter.removeFailRegex(-1);
  assert.deepEqual(filter.failRegex(), []);
  assert.throws(() => {
    filter.maxLines = 0;
  }, /maxlines must be integer greater than zero/);
});

test("the first expression that matches decides, unless the line is to be ignored", () => {
  const { filter } = testFilter({ fail: ["^ a <ADDR>", "<F-ID>b</F-ID> <ADDR>"], ignore: ["198\\.51"] });
  const lines = [`${NOW} a 192.0.2.1`, `${NOW} b 192.0.2.2`, `${NOW} a 198.51.100.1`, `${NOW} nothing`];
  assert.deepEqual(failuresOf(filter, lines), [`192.0.2.1 ${NOW} ${lines[0]}`, `b ${NOW} ${lines[1]}`]);
});

test("the prefregex hands its content on", () => {
  const { filter } = testFilter({ pref: "^ svc: <F-CONTENT>.+</F-CONTENT>$", fail: ["^bad <ADDR>$"] });
  const lines = [`${NOW} svc: bad 192.0.2.1`, `${NOW} other: bad 192.0.2.1`, `${NOW} bad 192.0.2.1`];
  assert.deepEqual(failuresOf(filter, lines), [`192.0.2.1 ${NOW} ${lines[0]}`]);
});

test("names are left to be resolved, or not taken at all", () => {
  const { filter } = testFilter({ fail: ["from <HOST>$", "by <DNS>$"] });
  const lines = [`${NOW} from example.org`, `${NOW} by 192.0.2.1`];
  assert.deepEqual(failuresOf(filter, lines), [
    `?example.org ${NOW} ${lines[0]}`,
    `192.0.2.1 ${NOW} ${lines[1]}`,
  ]);
  filter.useDns = "no";
  assert.deepEqual(failuresOf(filter, lines), [`192.0.2.1 ${NOW} ${lines[1]}`]);
  filter.useDns = "raw";
  assert.deepEqual(failuresOf(filter, lines), [
    `example.org ${NOW} ${lines[0]}`,
    `192.0.2.1 ${NOW} ${lines[1]}`,
  ]);
});

test("a separate identifier wins over the address, which is kept", () => {
  const { filter } = testFilter({ fail: ["key <F-ID>\\w+</F-ID> from <SUBNET>"] });
  const [failure] = filter.processLine(`${NOW} key k7 from 192.0.2.77/24`, { inOperation: false });
  assert.ok(failure && "id" in failure.subject);
  assert.equal(failure.subject.id.text, "k7");
  assert.equal(failure.data["ip"], "192.0.2.0/24");
});

test("lines with matches over several lines", () => {
  const { filter } = testFilter({
    fail: ["^ a (?P<n>\\d)$<SKIPLINES>^ b (?P=n) <ADDR>$"],
    ignore: ["noise"],
    maxLines: 4,
  });
  const line = (text: string) => `${NOW} ${text}`;
  const lines = ["a 1", "noise", "a 2", "b 2 192.0.2.2", "b 1 192.0.2.1"].map(line);
  const expected = [
    `192.0.2.2 ${NOW} ${line("a 2")}|${line("b 2 192.0.2.2")}`,
    `192.0.2.1 ${NOW} ${line("a 1")}|${line("b 1 192.0.2.1")}`,
  ];
  assert.deepEqual(failuresOf(filter, lines), expected);
  assert.deepEqual(failuresOfBlock(filter, lines), expected);
});

test("old lines do not count when catching up", () => {
  const { filter, messages } = testFilter({ fail: ["bad <ADDR>"] });
  const lines = [`${NOW - 700} bad 192.0.2.1`, `${NOW - 500} bad 192.0.2.2`];
  assert.deepEqual(failuresOf(filter, lines), [`192.0.2.2 ${NOW - 500} ${lines[1]}`]);
  assert.deepEqual(failuresOf(filter, lines), [`192.0.2.2 ${NOW - 500} ${lines[1]}`]);
  assert.deepEqual(messages, [
    "[test] Ignoring all log entries older than 600s; these are probably messages generated while fail2ban was not running.",
    `[test] Please check a jail for a timing issue. Line with odd timestamp: ${lines[0]}`,
  ]);
});

test("in operation a deviating time is now", () => {
  const { filter, messages, clock } = testFilter({ fail: ["bad <ADDR>"] });
  const lines = [`${NOW - 7200} bad 192.0.2.1`];
  assert.deepEqual(failuresOf(filter, lines, true), [`192.0.2.1 ${NOW} ${lines[0]}`]);
  assert.match(messages[0]!, /entry 2h before the current time .* a timezone problem/);
  clock.advance(86_401);
  failuresOf(filter, [`${NOW + 86_401 - 300} bad 192.0.2.1`], true);
  assert.match(messages[2]!, /entry 5m before the current time .* a latency problem/);
});

test("undated lines take the time of the line before, in operation the current time", () => {
  const undated = "bad 192.0.2.1";
  const { filter, messages } = testFilter({ fail: ["bad <ADDR>"] });
  assert.deepEqual(failuresOf(filter, [undated]), []);
  assert.equal(messages[0], "[test] Found a match but no valid date/time found for ''.");
  assert.deepEqual(failuresOf(filter, [undated], true), [`192.0.2.1 ${NOW} ${undated}`]);
  const dated = `${NOW - 10} hello`;
  assert.deepEqual(failuresOf(filter, [dated, undated]), [`192.0.2.1 ${NOW - 10} ${NOW - 10}${undated}`]);
  assert.deepEqual(failuresOf(filter, [`${NOW - 90} hello`, undated]), []);
});

test("a block keeps the dates of lines that it passes over", () => {
  const lines = [`${NOW - 30} start`, "x", `${NOW - 20} hello`, "x", "bad 192.0.2.1", `${NOW - 5} z`, "x"];
  const { filter } = testFilter({ fail: ["bad <ADDR>"] });
  assert.deepEqual(failuresOfBlock(filter, lines), [`192.0.2.1 ${NOW - 20} ${NOW - 20}bad 192.0.2.1`]);
  assert.deepEqual(failuresOfBlock(filter, ["bad 192.0.2.2"]), [
    `192.0.2.2 ${NOW - 5} ${NOW - 5}bad 192.0.2.2`,
  ]);
});

test("times from outside, and lines that come in parts", () => {
  const { filter } = testFilter({ fail: ["^ host bad <ADDR>$"] });
  const parts = ["", "2023-11-14T11:00:00", " host bad 192.0.2.1"] as const;
  const found = filter.processLine(parts, { inOperation: true, time: NOW - 1 });
  assert.equal(found[0]?.time, NOW - 1);
  assert.deepEqual(found[0]?.data["matches"], [parts]);
});
