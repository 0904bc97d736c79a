import assert from "node:assert/strict";
import { test } from "node:test";
import { customFormat, standardFormat } from "./format.ts";
import { LEVELS } from "./logger.ts";

const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };
const TIME = new Date(2026, 10, 21, 3, 40, 32, 7);

test("standard lines", () => {
  const line = (datetime: boolean, padding: boolean) =>
    standardFormat({ datetime, padding }, 15764)(BAN, TIME);
  assert.equal(
    line(true, true),
    "2026-11-21 03:40:32,007 fail2ban.actions        [15764]: NOTICE  [sshd] Ban 192.0.2.7",
  );
  assert.equal(
    line(true, false),
    "2026-11-21 03:40:32,007 fail2ban.actions[15764]: NOTICE [sshd] Ban 192.0.2.7",
  );
  assert.equal(line(false, true), "fail2ban.actions        [15764]: NOTICE  [sshd] Ban 192.0.2.7");
  assert.equal(line(false, false), "fail2ban.actions[15764]: NOTICE [sshd] Ban 192.0.2.7");
});

test("own formats", () => {
  const line = (format: string) => customFormat(format, 812)(BAN, TIME);
  assert.equal(line("%(levelname)s|%(message)s"), "NOTICE|[sshd] Ban 192.0.2.7");
  assert.equal(line("%(name)-20s %(process)6d %(levelno)03d %%"), "fail2ban.actions        812 025 %");
  assert.equal(line("%(asctime)s %(levelname).3s"), "2026-11-21 03:40:32,007 NOT");
  assert.throws(() => customFormat("%(nosuch)s"), /unknown field 'nosuch', known are: asctime/);
  assert.throws(() => customFormat("100% %(message)s"), /wrong directive '% '/);
});
