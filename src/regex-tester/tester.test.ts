import assert from "node:assert/strict";
import { test } from "node:test";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

test("a match in a line without a date is warned of, once", async () => {
  const lines = "bad 192.0.2.1\nbad 192.0.2.2";
  const { out } = await runTester(["-l", "warning", "-o", "ip", lines, "bad <ADDR>"]);
  const messages = out.split("\n").filter((line) => line.includes("fail2ban.filter"));
  assert.equal(messages.length, 3, out);
  assert.match(messages[0]!, /WARNING .*Found a match but no valid date\/time found for ''\.$/);
  assert.match(messages[1]!, /Match without a timestamp: bad 192\.0\.2\.1$/);
  const silent = await runTester(["-o", "ip", lines, "bad <ADDR>"]);
  assert.equal(silent.out, "192.0.2.1\n192.0.2.2\n");
});

test("which names an expression finds is up to --raw and --usedns together", async () => {
  const found = async (...options: string[]) => {
    const { out } = await runTester([
      ...options,
      "-o",
      "fid",
      "2024-05-23 21:59:50 x host.example",
      "x <HOST>$",
    ]);
    return out;
  };
  assert.equal(await found("--raw"), "host.example\n");
  assert.equal(await found("--usedns", "raw"), "host.example\n");
  assert.equal(await found("--raw", "--usedns", "yes"), "host.example\n");
  assert.equal(await found("--usedns", "no"), "");
  assert.equal(await found("--raw", "--usedns", "no"), "");
});

test("a wrong value of --usedns is told, and names are left alone", async () => {
  const { code, out } = await runTester([
    ...["-l", "error", "--usedns", "nonsense", "-o", "fid"],
    ...["2024-05-23 21:59:50 x host.example", "x <HOST>$"],
  ]);
  assert.equal(code, 0);
  assert.match(out, /ERROR +Incorrect value 'nonsense' specified for usedns\. Using safe 'no'\n$/);
});

test("an empty date pattern or output format is none", async () => {
  const plain = await runTester(["x 192.0.2.1", "x <ADDR>"]);
  const withoutTime = (text: string) => text.replace(/processed in [\d.]+/, "");
  for (const option of ["-d", "-o"]) {
    const { out } = await runTester([option, "", "x 192.0.2.1", "x <ADDR>"]);
    assert.equal(withoutTime(out), withoutTime(plain.out), option);
  }
});
