import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ManualClock, systemClock } from "../time/clock.ts";
import { JournalTarget } from "./journal-target.ts";
import { LEVELS } from "./logger.ts";
import { LogTargetError } from "./target.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-log-"));
after(() => rmSync(dir, { recursive: true }));
const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };

test("the journal gets identifier, priority and text", async () => {
  const socketPath = join(dir, "journal.sock");
  const received = new Promise<string>((resolve) => {
    const server = createServer((socket) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("end", () => {
        server.close();
        resolve(text);
      });
    }).listen(socketPath, () => {
      const target = new JournalTarget({
        format: (record) => record.message,
        clock: systemClock,
        socketPath,
      });
      target.write(BAN);
      target.write({ ...BAN, level: LEVELS.ERROR, message: "two\nlines" });
      target.close();
    });
  });
  assert.equal(await received, "fail2ban\n\n6\n1\n0\n0\n0\n<5>[sshd] Ban 192.0.2.7\n<3>two\n<3>lines\n");
  const clock = new ManualClock(0);
  assert.throws(
    () => new JournalTarget({ format: String, clock, socketPath: join(dir, "none") }),
    LogTargetError,
  );
});
