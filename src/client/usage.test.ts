import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "./command-table.ts";
import { usage } from "./usage.ts";

test("the shape of the client's usage text", () => {
  const lines = usage("fail2ban-client").split("\n");
  assert.equal(lines[0], "Usage: fail2ban-client [OPTIONS] <COMMAND>");
  assert.equal(lines[1], "");
  assert.match(lines[2] ?? "", /^Fail2Ban v/);
  assert.deepEqual(lines.slice(4, 6), ["", "Options:"]);
  assert.match(lines[6] ?? "", /^ {4}-c, --conf <DIR> {8}\S/);
  const command = lines.indexOf("Command:");
  assert.equal(lines[command - 1], "");
  assert.deepEqual(lines.slice(-3, -2), [""]);
  assert.match(lines.at(-2) ?? "", /^Report bugs to /);
  const headings = lines.slice(command).filter((line) => /^ {45}[A-Z ]+$/.test(line));
  assert.deepEqual(
    headings.map((line) => line.trim()),
    COMMANDS.map((group) => group.heading),
  );
});

test("commands and explanations stand in their columns", () => {
  const lines = usage("fail2ban-client").split("\n");
  for (const line of lines.slice(lines.indexOf("Command:") + 1, -3)) {
    assert.ok(line.length <= 45 + 34 || /^ {4}\S.{41,}/.test(line), line);
    assert.match(line, /^$|^ {45}\S|^ {4}\S.{40}\S|^ {4}\S.{40,}$/);
  }
  const long = lines.indexOf("    reload [--restart] [--unban] [--if-exists] <JAIL>");
  assert.match(lines[long + 1] ?? "", /^ {45}\S/);
});

test("the server's has no commands", () => {
  const text = usage("fail2ban-server");
  assert.match(text, /^Usage: fail2ban-server \[OPTIONS\]\n/);
  assert.doesNotMatch(text, /Command:/);
});
