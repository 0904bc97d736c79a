import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { systemClock } from "../time/clock.ts";
import { standardFormat } from "./format.ts";
import { LEVELS } from "./logger.ts";
import { SyslogTarget, severityOf } from "./syslog-target.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-log-"));
after(() => rmSync(dir, { recursive: true }));
const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };

test("severities", () => {
  assert.deepEqual([50, 40, 30, 25, 20, 18, 10, 7].map(severityOf), [2, 3, 4, 5, 6, 4, 7, 4]);
});

const syslogTools =
  spawnSync("python3", ["-c", ""]).status === 0 && spawnSync("logger", ["--prio-prefix", "-V"]).status === 0;

test("syslog", { skip: syslogTools ? false : "needs python3 and util-linux's logger" }, async () => {
  const socketPath = join(dir, "syslog.sock");
  const script = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
for i in range(3): print(s.recv(9999).rstrip(b"\\0").decode(), flush=True)`;
  const daemon = spawn("python3", ["-c", script, socketPath], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  let target: SyslogTarget | null = null;
  for await (const line of createInterface({ input: daemon.stdout })) {
    lines.push(line);
    if (target) continue;
    const format = standardFormat({ datetime: false, padding: false });
    target = new SyslogTarget({ socketPath, facility: "local3", format, clock: systemClock });
    target.write(BAN);
    target.write({ ...BAN, message: "two\nlines" });
    target.close();
  }
  const tag = `fail2ban.actions\\[${process.pid}\\]: `;
  assert.match(lines[1] ?? "", new RegExp(`^<157>.* ${tag}NOTICE \\[sshd\\] Ban 192.0.2.7$`));
  assert.match(lines[2] ?? "", new RegExp(`^<157>.* ${tag}NOTICE two$`));
  assert.match(lines[3] ?? "", new RegExp(`^<157>.* ${tag}lines$`));
});

test("syslog that is not there is refused", () => {
  const options = { facility: "daemon", format: String, clock: systemClock };
  assert.throws(
    () => new SyslogTarget({ ...options, socketPath: join(dir, "none") }),
    /^LogTargetError: Syslog socket file: .*none does not exists or is not a socket$/,
  );
});
