import assert from "node:assert/strict";
import { test } from "node:test";
import { LEVELS } from "./logger.ts";
import { formatOf, parseTarget } from "./target-name.ts";

const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };
const TIME = new Date(2026, 10, 21, 3, 40, 32, 7);

test("targets as they are written", () => {
  assert.deepEqual(parseTarget("stdout"), { text: "stdout", kind: "STDOUT", options: new Map() });
  assert.equal(parseTarget("/var/log/x.log").kind, "file");
  const target = parseTarget(`/x.log[format="%(message)s, [x]", padding=off, facility='local3']`);
  assert.equal(target.text, "/x.log");
  assert.deepEqual(
    [...target.options],
    [
      ["format", "%(message)s, [x]"],
      ["padding", "off"],
      ["facility", "local3"],
    ],
  );
  assert.throws(() => parseTarget("/x.log[padding=off"), /unexpected option syntax/);
  assert.throws(() => parseTarget("/x.log[oops]"), /unexpected option syntax/);
});

test("what each target adds to a line by itself", () => {
  const line = (text: string) => formatOf(parseTarget(text))(BAN, TIME).replace(String(process.pid), "1");
  assert.equal(line("SYSOUT"), "fail2ban.actions        [1]: NOTICE  [sshd] Ban 192.0.2.7");
  assert.equal(line("SYSLOG"), "fail2ban.actions[1]: NOTICE [sshd] Ban 192.0.2.7");
  assert.match(line("/x.log[padding=off]"), /^2026-11-21 03:40:32,007 fail2ban.actions\[1\]: NOTICE \[/);
  assert.match(line("SYSOUT[datetime=on]"), /^2026-11-21 03:40:32,007 /);
});
