import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Instance, ROOT, until } from "./instance.ts";
import { SmallDisk, skipWithoutMounts } from "./mounts.ts";

/** What arrives at each target of the server's log, as other programs read it. */

const FILES = {
  "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <ADDR>$\n",
  "jail.local":
    "[DEFAULT]\nbackend = polling\nfilter = simple\naction =\nmaxretry = 2\n[j]\nenabled = true\nlogpath = {DIR}/j.log\n",
};

interface Served {
  readonly instance: Instance;
  readonly server: ChildProcess;
  /** What the server has written to standard output and standard error. */
  readonly written: { stdout: string; stderr: string };
}

/** A server in the foreground with a log target, after one ban. */
async function serve(
  t: TestContext,
  target: string,
  options: { settings?: string; disk?: SmallDisk } = {},
): Promise<Served> {
  const { settings = "", disk } = options;
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: FILES,
    ...(disk && { namespace: disk }),
  });
  t.after(() => instance.dispose());
  const before = instance.read("etc/fail2ban.local").replace(/logtarget = .*/, `logtarget = ${target}`);
  instance.write("etc/fail2ban.local", before + settings);
  instance.write("j.log", "");
  const server = instance.spawn("fail2ban-server", "-c", instance.path("etc"), "-f", "start");
  const written = { stdout: "", stderr: "" };
  server.stdout?.on("data", (chunk) => {
    written.stdout += chunk;
  });
  server.stderr?.on("data", (chunk) => {
    written.stderr += chunk;
  });
  await until(() => written.stdout.includes("Server ready"), "the server is ready");
  instance.client("set", "j", "banip", "203.0.113.7");
  return { instance, server, written };
}

const DATE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} /.source;
/** The line that recidive and its like look for. */
const BAN = /fail2ban\.actions {8}\[\d+\]: NOTICE {2}\[j\] Ban 203\.0\.113\.7$/.source;
const BAN_SHORT = /fail2ban\.actions\[\d+\]: NOTICE \[j\] Ban 203\.0\.113\.7/.source;

for (const [target, stream] of [
  ["STDOUT", "stdout"],
  ["STDERR", "stderr"],
] as const) {
  test(`${target}: lines as in a file`, async (t) => {
    const { instance, written } = await serve(t, target);
    await until(() => new RegExp(DATE + BAN, "m").test(written[stream]), "the ban is logged");
    assert.equal(instance.client("flushlogs").trim(), "logs: flushed");
    await until(() => written[stream].includes(`flush performed on ${target}\n`), "the flush is logged");
  });
}

test("SYSOUT: lines without date, for a supervisor that adds it", async (t) => {
  const { instance, written } = await serve(t, "SYSOUT");
  await until(() => new RegExp(`^${BAN}`, "m").test(written.stdout), "the ban is logged");
  assert.equal(instance.client("flushlogs").trim(), "logs: rolled over");
});

test("own format, level and padding", async (t) => {
  const { instance, written } = await serve(t, 'STDOUT[format="%%(levelname)s|%%(name)s|%%(message)s"]');
  await until(
    () => written.stdout.includes("\nNOTICE|fail2ban.actions|[j] Ban 203.0.113.7\n"),
    "the ban is logged",
  );
  instance.client("set", "loglevel", "WARNING");
  instance.client("set", "j", "banip", "203.0.113.8");
  instance.client("set", "loglevel", "INFO");
  instance.client("set", "j", "banip", "203.0.113.9");
  await until(() => written.stdout.includes("Ban 203.0.113.9"), "the third ban is logged");
  assert.doesNotMatch(written.stdout, /Ban 203\.0\.113\.8/);
  assert.notEqual(
    instance.run("fail2ban-client", "-c", instance.path("etc"), "set", "loglevel", "LOUD").status,
    0,
  );
});

const python = spawnSync("python3", ["-c", ""]).status === 0 ? false : "needs python3 for a datagram socket";
const logger = spawnSync("logger", ["--version"]).error ? "not installed: logger" : false;

/** Keeps what a Unix datagram socket receives, a line of JSON for each. */
const RECEIVER = `import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
while True: print(json.dumps(s.recv(65536).decode()), flush=True)`;

async function syslogSocket(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "f2b-syslog-"));
  const receiver = spawn("python3", ["-c", RECEIVER, join(directory, "log")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => {
    receiver.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  });
  let text = "";
  receiver.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await until(() => text.startsWith("ready\n"), "the socket is there");
  return {
    path: join(directory, "log"),
    messages: () =>
      text
        .split("\n")
        .slice(1, -1)
        .map((line) => JSON.parse(line) as string),
  };
}

for (const [options, facility] of [
  ["", 3],
  ["[facility=local3]", 19],
] as const) {
  test(`SYSLOG${options}: datagrams of that facility, their severity by the level`, {
    skip: python || logger,
  }, async (t) => {
    const { path, messages } = await syslogSocket(t);
    const { instance } = await serve(t, `SYSLOG${options}`, { settings: `syslogsocket = ${path}\n` });
    const arrived = (severity: number, text: string) =>
      messages().some((message) => new RegExp(`^<${facility * 8 + severity}>[^<]*${text}`).test(message));
    await until(() => arrived(5, BAN_SHORT), `the ban is logged: ${messages().at(-1)}`);
    assert.ok(arrived(6, "fail2ban\\.jail\\[\\d+\\]: INFO Jail 'j' started"), messages().join("\n"));
    assert.equal(instance.client("get", "syslogsocket").trim().split("\n").at(-1)?.replace("`- ", ""), path);
    assert.equal(instance.client("flushlogs").trim(), "logs: flushed");
    await until(
      () => arrived(6, "fail2ban\\.server\\[\\d+\\]: INFO flush performed on SYSLOG"),
      "the flush is logged",
    );
  });
}

test("SYSLOG without a socket is refused with its path", async (t) => {
  const { instance } = await serve(t, "STDOUT");
  instance.client("set", "syslogsocket", "/no/such/socket");
  const result = instance.run("fail2ban-client", "-c", instance.path("etc"), "set", "logtarget", "SYSLOG");
  assert.notEqual(result.status, 0);
  assert.match(instance.client("get", "logtarget"), /STDOUT/);
});

/** Stands for the journal: keeps what comes over its stream socket. */
const JOURNAL = `const { createServer } = require("node:net");
createServer((socket) => socket.pipe(process.stdout)).listen("/run/systemd/journal/stdout", () => process.stdout.write("ready\\n"));`;

test("SYSTEMD-JOURNAL: the message alone, with identifier and priority", {
  skip: skipWithoutMounts(),
}, async (t) => {
  const disk = await SmallDisk.mount("/run", 1024);
  disk.run("mkdir -p systemd/journal");
  const [command, ...args] = disk.command(process.execPath, "-e", JOURNAL);
  const journal = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  journal.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await until(() => text.startsWith("ready\n"), "the journal is there");
  const { instance } = await serve(t, "SYSTEMD-JOURNAL", { disk });
  t.after(() => {
    journal.kill("SIGKILL");
    disk.release();
  });
  await until(() => text.includes("<5>[j] Ban 203.0.113.7\n"), "the ban is logged");
  assert.match(text, /^ready\nfail2ban\n/, "the identifier comes first");
  assert.match(text, /\n<6>Jail 'j' started\n/);
  assert.equal(instance.client("flushlogs").trim(), "logs: flushed");
});

test("a file that was renamed is begun anew by flushlogs and SIGUSR1, and nothing is lost in between", async (t) => {
  const { instance, server } = await serve(t, "{DIR}/own.log");
  assert.match(instance.read("own.log"), new RegExp(DATE + BAN, "m"));
  for (const [at, flush] of [() => instance.client("flushlogs"), () => server.kill("SIGUSR1")].entries()) {
    renameSync(instance.path("own.log"), instance.path(`own.log.${at}`));
    instance.client("set", "j", "banip", `203.0.113.${at + 20}`);
    flush();
    const begin = new RegExp(
      `${DATE}fail2ban\\.server {9}\\[\\d+\\]: INFO {4}rollover performed on .*/own\\.log\\n`,
    );
    await until(() => begin.test(instance.read("own.log")), "the new file says why it was begun");
    assert.match(instance.read(`own.log.${at}`), new RegExp(`Ban 203\\.0\\.113\\.${at + 20}\\n$`));
  }
});

/** Why logrotate cannot work as it does in systems, else `false`. */
function withoutLogrotate(): string | false {
  if (spawnSync("logrotate", ["--version"]).error) return "not installed: logrotate";
  return process.getuid?.() === 0 ? false : "logrotate needs root, to act for root";
}

test("logrotate rotates the file as packages configure it", { skip: withoutLogrotate() }, async (t) => {
  const { instance } = await serve(t, "{DIR}/own.log");
  const flush = `${join(ROOT, "bin/fail2ban-client")} -c ${instance.path("etc")} flushlogs`;
  instance.write(
    "rotate.conf",
    `{DIR}/own.log {\n  missingok\n  notifempty\n  rotate 4\n  su root root\n  create 0600 root root\n  postrotate\n    ${flush} >/dev/null\n  endscript\n}\n`,
  );
  const result = spawnSync("logrotate", ["-f", "-s", instance.path("state"), instance.path("rotate.conf")], {
    encoding: "utf8",
  });
  assert.equal(result.status, 0, result.stderr);
  instance.client("set", "j", "banip", "203.0.113.20");
  assert.match(instance.read("own.log.1"), /Ban 203\.0\.113\.7\n/);
  assert.match(instance.read("own.log"), /^.*rollover performed on .*\n(.*\n)*.*Ban 203\.0\.113\.20\n/);
});

test("a target that cannot be used is refused, and the one before is kept", async (t) => {
  const { instance } = await serve(t, "{DIR}/own.log");
  const set = instance.run(
    "fail2ban-client",
    "-c",
    instance.path("etc"),
    "set",
    "logtarget",
    "/no/such/directory/x.log",
  );
  assert.notEqual(set.status, 0);
  const log = instance.read("own.log");
  assert.match(log, /ERROR {3}Unable to log to '\/no\/such\/directory\/x\.log'.*\n/);
  assert.match(log, /INFO {4}Logging to previous target '.*\/own\.log'\n/);
  instance.client("set", "j", "banip", "203.0.113.20");
  assert.match(instance.read("own.log"), /Ban 203\.0\.113\.20\n/);
});
