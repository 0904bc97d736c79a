import assert from "node:assert/strict";
import { test } from "node:test";
import { FileTarget } from "./file-target.ts";
import { LEVELS } from "./logger.ts";

const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };

test("a full disk costs the lines of that time and says so", () => {
  let room = 30;
  let text = "";
  const target = new FileTarget("/x", (record) => record.message, {
    open: () => 3,
    close: () => {},
    write: (_fd, line) => {
      if (room === 0) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      const part = line.slice(0, room);
      room -= part.length;
      text += part;
      return part.length;
    },
  });
  const write = (message: string) => target.write({ ...BAN, message });
  write("first line");
  write("second line is torn");
  write("third");
  room = 1000;
  write("fourth");
  write("fifth");
  assert.deepEqual(text.split("\n"), [
    "first line",
    "second line is torn".slice(0, 19),
    "Log file could not be written (ENOSPC), 2 line(s) are missing before this one",
    "fourth",
    "fifth",
    "",
  ]);
});
