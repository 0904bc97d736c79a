import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { after, test } from "node:test";
import { ManualClock, systemClock } from "../time/clock.ts";
import { consoleHub } from "./console.ts";
import { FileTarget } from "./file-target.ts";
import { customFormat, standardFormat } from "./format.ts";
import { JournalTarget } from "./journal-target.ts";
import { levelName, parseLevel } from "./levels.ts";
import { LogOutput } from "./log-output.ts";
import { LEVELS, LogHub } from "./logger.ts";
import { SyslogTarget, severityOf } from "./syslog-target.ts";
import { LogTargetError } from "./target.ts";
import { formatOf, parseTarget } from "./target-name.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-log-"));
after(() => rmSync(dir, { recursive: true }));

const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };
const TIME = new Date(2026, 10, 21, 3, 40, 32, 7);

test("level names", () => {
  assert.equal(parseLevel("notice"), 25);
  assert.equal(parseLevel("20"), 20);
  assert.equal(parseLevel("Warn"), 30);
  assert.equal(parseLevel("BOGUS"), null);
  assert.equal(parseLevel("-1"), null);
  assert.deepEqual([5, 7, 9, 10, 18, 25, 100].map(levelName), [
    "HEAVY",
    "TRACE",
    "#09-Lev.",
    "DEBUG",
    "MSG",
    "NOTICE",
    "#100-Lev.",
  ]);
});

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

function output(stdout: Writable = new PassThrough()): { out: LogOutput; hub: LogHub; early: string[] } {
  const early: string[] = [];
  const hub = new LogHub((record) => early.push(record.message));
  return { out: new LogOutput({ hub, clock: systemClock, stdout, stderr: stdout }), hub, early };
}

const messages = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^.*: [A-Z]+ +/, ""));

test("a file: private, announced, rotated, left", () => {
  const { out, hub } = output();
  const path = join(dir, "a.log");
  out.setTarget(`${path}[datetime=on]`);
  assert.equal(out.target, path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  renameSync(path, `${path}.1`);
  assert.equal(out.flush(), "rolled over");
  hub.logger("x").warning("after");
  assert.deepEqual(messages(`${path}.1`), [
    "Start Fail2ban v1.1.2.1",
    `Changed logging target to ${path} for Fail2ban v1.1.2.1`,
  ]);
  assert.deepEqual(messages(path), [`rollover performed on ${path}`, "after"]);
  out.setTarget(path);
  assert.equal(messages(path).length, 2);
  out.close();
});

test("a target that cannot be used leaves the old one", () => {
  const { out, early } = output();
  assert.throws(() => out.setTarget(join(dir, "no/such/dir.log")), LogTargetError);
  assert.match(early[0] ?? "", /^Unable to log to '.*no\/such\/dir.log': ENOENT/);
  const path = join(dir, "b.log");
  out.setTarget(path);
  for (const bad of [
    join(dir, "no/x.log"),
    "SYSTEMD-JOURNAL[format=%(oops)s]",
    "SYSLOG[facility=x]",
    "x[a=1",
  ]) {
    assert.throws(() => out.setTarget(bad), LogTargetError, bad);
    assert.equal(out.target, path);
  }
  assert.equal(messages(path).filter((line) => line === `Logging to previous target '${path}'`).length, 3);
  out.close();
});

test("levels and streams", () => {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const { out, hub } = output(stdout);
  out.setTarget("stdout[format=%(message)s]");
  assert.equal(out.target, "stdout");
  assert.equal(out.flush(), "flushed");
  out.setLevel("notice");
  assert.equal(out.level, "NOTICE");
  hub.logger("x").info("unseen");
  hub.logger("x").notice("seen");
  assert.throws(() => out.setLevel("BOGUS"), /Invalid log level 'BOGUS'/);
  assert.match(
    text,
    /Start Fail2ban.*\nChanged logging target to stdout .*\nflush performed on stdout\nseen\n$/,
  );
  out.setTarget("SYSOUT");
  assert.equal(out.flush(), "rolled over");
});

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
  for await (const chunk of daemon.stdout) {
    lines.push(...String(chunk).trimEnd().split("\n"));
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

test("verbosity of programs run by hand", () => {
  assert.deepEqual(
    [-1, 0, 1, 2, 3, 4, 9].map((v) => consoleHub(v).level),
    [40, 40, 30, 20, 10, 5, 5],
  );
});
