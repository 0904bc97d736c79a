import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { failedLogin, Instance, ROOT, until } from "./instance.ts";
import { SmallDisk, skipWithoutMounts } from "./mounts.ts";
import type { Namespace } from "./namespace.ts";

/** Sources of lines that are none, and what a server makes of them; what it says of those that are. */

const GOOD = "[good]\nenabled = true\nfilter = sshd\nlogpath = {DIR}/auth.log\nmaxretry = 2\n";

/** A jail for each path, beside a good one. */
function setUp(t: TestContext, paths: readonly string[], backend = "auto"): Instance {
  const jails = paths.map(
    (path, i) => `[bad${i}]\nenabled = true\nfilter = sshd\nmaxretry = 2\nlogpath = ${path}\n`,
  );
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: { "jail.local": `[DEFAULT]\naction =\nbackend = ${backend}\n${GOOD}${jails.join("")}` },
  });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  return instance;
}

/** Starts the server, whatever its client says to the jails, and sees that the good one works. */
async function startsAndBans(instance: Instance): Promise<string> {
  const started = instance.run("fail2ban-server", "-c", instance.path("etc"), "-b", "start");
  await goodBans(instance);
  return started.stderr + instance.read("fail2ban.log");
}

async function goodBans(instance: Instance, ip = "192.0.2.7"): Promise<void> {
  instance.append("auth.log", failedLogin(ip).repeat(2));
  await until(() => instance.client("get", "good", "banip").includes(ip), "the good jail bans");
}

/** Messages above INFO that name a text; the command that failed is logged with all its words, which is not counted. */
function complaints(said: string, about: string): string[] {
  return said
    .split("\n")
    .filter((line) => / (?:WARNING|ERROR|CRITICAL) /.test(line) && line.includes(about))
    .filter((line) => !/ Command \[/.test(line))
    .map((line) => line.slice(0, 300));
}

for (const backend of ["pyinotify", "polling"]) {
  test(`${backend}: what is no log file gets one clear message, and the other jails go on`, async (t) => {
    const names = ["fifo", "socket", "directory", "dangling"];
    const devices = ["/dev/zero", "/dev/full"];
    const instance = setUp(t, [...names.map((name) => `{DIR}/${name}`), ...devices], backend);
    execFileSync("mkfifo", [instance.path("fifo")]);
    mkdirSync(instance.path("directory"));
    symlinkSync(instance.path("nowhere"), instance.path("dangling"));
    const server = createServer().listen(instance.path("socket"));
    t.after(() => server.close());
    await once(server, "listening");
    const said = await startsAndBans(instance);
    for (const [path, reason] of [
      [instance.path("fifo"), /Jail 'bad0' is not started.* is a pipe, not a log file/],
      [instance.path("socket"), /Jail 'bad1' is not started.* is a socket, not a log file/],
      [instance.path("directory"), /Jail 'bad2' is not started.* Is a directory/],
      [instance.path("dangling"), /Jail 'bad3' cannot be configured.*expected files that exist/],
      ["/dev/zero", /Jail 'bad4' is not started.* is a device, not a log file/],
      ["/dev/full", /Jail 'bad5' is not started.* is a device, not a log file/],
    ] as const) {
      const clear = complaints(said, path).filter((line) => reason.test(line));
      assert.equal(
        clear.length,
        1,
        `${path} is named once with the reason\n${complaints(said, path).join("\n")}`,
      );
    }
    assert.doesNotMatch(said, /Unexpected error/);
  });
}

test("a log that may not be read: one message, and read as soon as it may be", {
  skip: process.getuid?.() === 0 ? false : "needs root, to give up a capability",
}, async (t) => {
  // Root without this capability is told "permission denied" like anybody else.
  const weak = {
    command: (...words: string[]) => ["setpriv", "--bounding-set=-dac_override,-dac_read_search", ...words],
  };
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "jail.local": `[DEFAULT]\naction =\n${GOOD}${GOOD.replaceAll("good", "bad").replace("auth", "other")}`,
    },
    namespace: weak as unknown as Namespace,
  });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  instance.write("other.log", "");
  chmodSync(instance.path("other.log"), 0);
  const said = await startsAndBans(instance);
  const path = instance.path("other.log");
  assert.equal(
    complaints(said, path).filter((line) => /'bad' is not started.*Permission denied/.test(line)).length,
    1,
  );
  chmodSync(path, 0o600);
  instance.client("reload");
  // While it is read, rotation puts a file in its place that may not be read.
  writeFileSync(`${path}.new`, failedLogin("192.0.2.8").repeat(2));
  chmodSync(`${path}.new`, 0);
  renameSync(`${path}.new`, path);
  const refused = () => complaints(instance.read("fail2ban.log"), `Unable to open ${path}`);
  await until(() => refused().length > 0, "the log says so");
  assert.match(
    instance.client("status", "bad", "sources"),
    /Health:\tretrying since .*EACCES: permission denied/,
  );
  await goodBans(instance, "192.0.2.9");
  chmodSync(path, 0o600);
  instance.append("other.log", "");
  await until(() => instance.client("get", "bad", "banip").includes("192.0.2.8"), "it is read then");
  assert.equal(refused().length, 1);
});

test("names with newlines are refused, names with glob characters are read", async (t) => {
  const instance = setUp(t, ["{DIR}/odd[[]1]*.log\n  {DIR}/logs/*"]);
  instance.write("odd[1] *?.log", failedLogin("192.0.2.8").repeat(2));
  const forged = `logs/x\n2026-11-21 12:00:00,000 fail2ban.actions [1]: NOTICE [good] Ban 192.0.2.99\n`;
  mkdirSync(instance.path("logs"));
  // A name cannot hold a slash, the rest of a log line it can.
  instance.write(forged, failedLogin("192.0.2.10").repeat(2));
  const said = await startsAndBans(instance);
  await until(() => instance.client("get", "bad0", "banip").includes("192.0.2.8"), "the odd name is read");
  const strange = "has a control character in its name";
  assert.equal(complaints(said, strange).length, 2, "once by the client, once in the log");
  assert.equal(complaints(instance.read("fail2ban.log"), strange).length, 1);
  const refused = instance.run(
    "fail2ban-client",
    "-c",
    instance.path("etc"),
    "set",
    "good",
    "addlogpath",
    "/x\ny",
  );
  assert.match(refused.stdout, /^\/x\\x0ay has a control character in its name, it is not read\n/);
  assert.doesNotMatch(said, /^2026-11-21 12:00:00,000 /m, "nobody wrote a line by naming a file");
});

test("a log of garbage: one warning, and the lines in it that are none count", async (t) => {
  const instance = setUp(t, ["{DIR}/garbage.log"]);
  const garbage = () => Buffer.concat([randomBytes(1_000_000), Buffer.from("\n")]);
  writeFileSync(instance.path("garbage.log"), garbage());
  const said = await startsAndBans(instance);
  for (let i = 0; i < 5; i++) appendFileSync(instance.path("garbage.log"), garbage());
  instance.append("garbage.log", failedLogin("192.0.2.8").repeat(2));
  await until(() => instance.client("get", "bad0", "banip").includes("192.0.2.8"), "its failures are found");
  const warnings = complaints(said + instance.read("fail2ban.log").slice(said.length), "garbage.log");
  assert.equal(warnings.length, 1, warnings.join("\n"));
  assert.match(warnings[0]!, /Error decoding line from '.*garbage\.log' with /);
});

test("status sources of a running jail, as text and as JSON", async (t) => {
  const instance = setUp(t, []);
  await startsAndBans(instance);
  const shown = instance.client("status", "good", "sources");
  assert.match(
    shown,
    /^Sources of the jail: good\n`- \/.*auth\.log\n {3}\|- Health:\tok\n {3}\|- Reader:\tinotify\n/,
  );
  assert.match(shown, /Behind:\t0 lines, 0 bytes, 0 s\n.*Last line:\t20\d\d-.*, read 20/);
  const all = JSON.parse(instance.client("status", "--all", "sources", "--json"));
  assert.equal(all.good[0].size, all.good[0].position);
  instance.client("set", "good", "idle", "on");
  instance.append("auth.log", failedLogin("192.0.2.8"));
  const [idle] = JSON.parse(instance.client("status", "good", "sources", "--json"));
  assert.equal(idle.health, "idle");
  assert.equal(idle.behind.lines, 1);
});

test("lines of megabytes: the longest are left out with a message, those behind them count", async (t) => {
  const instance = setUp(t, ["{DIR}/long.log"]);
  instance.write("long.log", "");
  await startsAndBans(instance);
  instance.append("long.log", `${"x".repeat(3_000_000)} ${failedLogin("192.0.2.8")}`);
  for (let i = 0; i < 20; i++) instance.append("long.log", "y".repeat(1_000_000));
  instance.append("long.log", `\n${failedLogin("192.0.2.9").repeat(2)}`);
  await until(() => instance.client("get", "bad0", "banip").includes("192.0.2.9"), "the lines behind count");
  const said = complaints(instance.read("fail2ban.log"), "long.log");
  assert.equal(said.length, 1, said.join("\n"));
  assert.match(said[0]!, /Skipped a line of 20000001 bytes in .*long\.log': too long for a log line/);
});

test("a log on a full disk: the line that did not fit is waited for, and read when there is room", {
  skip: skipWithoutMounts(),
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "f2b-disk-"));
  const disk = await SmallDisk.mount(folder, 64);
  const jail = `[full]\nenabled = true\nfilter = sshd\nmaxretry = 2\nlogpath = ${folder}/auth.log\n`;
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: { "jail.local": `[DEFAULT]\naction =\n${jail}` },
    namespace: disk as unknown as Namespace,
  });
  t.after(async () => {
    await instance.dispose();
    disk.release();
    rmSync(folder, { recursive: true });
  });
  disk.run("touch auth.log; head -c 61000 /dev/zero > filler");
  instance.start();
  const line = failedLogin("192.0.2.8");
  // All pages but one are taken: the second line does not fit as a whole.
  disk.run(
    `printf '%s' '${"z".repeat(4096 - line.length - 21)}' > auth.log; printf '\\n%s%s' '${line}' '${line}' >> auth.log || true`,
  );
  const banned = () => instance.client("get", "full", "banip").trim();
  await until(() => instance.read("fail2ban.log").includes("Found 192.0.2.8"), "the whole line is found");
  assert.equal(banned(), "");
  const [source] = JSON.parse(instance.client("status", "full", "sources", "--json"));
  assert.ok(source.position < source.size, "the rest of a line waits");
  assert.equal(source.behind.bytes, 0);
  const written = source.size - source.position;
  disk.run(`rm filler; printf '%s' '${line.slice(written)}' >> auth.log`);
  await until(() => banned() === "192.0.2.8", "the completed line counts");
});

test("500 files in one pattern: all are read, each keeps one descriptor open, new ones come at once", async (t) => {
  const instance = setUp(t, ["{DIR}/many/*.log"]);
  for (let i = 0; i < 500; i++) instance.write(`many/${i}.log`, failedLogin(`198.51.${i >> 8}.${i & 255}`));
  await startsAndBans(instance);
  instance.write("many/new.log", failedLogin("192.0.2.8").repeat(2));
  await until(() => instance.client("get", "bad0", "banip").includes("192.0.2.8"), "the new file is read");
  const descriptors = readdirSync(`/proc/${instance.pid}/fd`).length;
  assert.ok(descriptors > 500 && descriptors < 560, `${descriptors} descriptors`);
  const sources = JSON.parse(instance.client("status", "bad0", "sources", "--json"));
  assert.equal(sources.length, 501);
  assert.ok(sources.every(({ health }: { health: string }) => health === "ok"));
});
