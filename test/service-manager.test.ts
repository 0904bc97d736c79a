import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Instance, ROOT } from "./instance.ts";

/** A foreground server under a service manager: the datagrams of systemd's protocol, and the unit we ship. */

const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    said = s.recv(4096).decode().replace("\\n", " ")
    if said != "BARRIER=1": print(said, flush=True)
`;

const missing = ["python3", "systemd-notify"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
const skip = missing.length > 0 ? `not installed: ${missing.join(", ")}` : false;

test("the service manager hears of readiness, signs of life and the end", { skip }, async (t) => {
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: { "jail.local": "[DEFAULT]\nbackend = polling\n" },
  });
  const socket = instance.path("notify");
  const receiver = spawn("python3", ["-c", RECEIVER, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
  t.after(() => {
    receiver.kill();
    return instance.dispose();
  });
  assert.equal((await lines.next()).value, "bound");
  const env: NodeJS.ProcessEnv = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: "400000" };
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...clean } = env;
  const program = join(ROOT, "bin/fail2ban-server");
  const server = spawn(program, ["-c", instance.path("etc"), "-f", "start"], { env: clean, stdio: "ignore" });
  const ended = new Promise((done) => server.on("exit", done));
  // Each is sent by a process of its own, so on a busy machine one may overtake the other.
  const said: unknown[] = [];
  const hears = async (what: string, times: number) => {
    while (said.filter((one) => one === what).length < times) said.push((await lines.next()).value);
  };
  await hears("READY=1 STATUS=0 jails", 1);
  await hears("WATCHDOG=1", 2);
  server.kill("SIGTERM");
  await hears("STOPPING=1", 1);
  assert.equal(await ended, 0);
  const others = said.filter((one) => one !== "WATCHDOG=1");
  assert.deepEqual(others, ["READY=1 STATUS=0 jails", "STOPPING=1"]);
});

const analyze = spawnSync("systemd-analyze", ["--version"]).status === 0;

test("systemd understands the unit", { skip: analyze ? false : "systemd-analyze is missing" }, () => {
  const unit = join(ROOT, "packaging/fail2ban.service");
  const text = readFileSync(unit, "utf8");
  assert.match(text, /^Type=notify$/m);
  assert.match(text, /^NotifyAccess=all$/m);
  // Where npm or a distribution put them is no matter then.
  assert.match(text, /^ExecStart=fail2ban-server -xf start$/m);
  const said = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" }).stderr;
  const about = said
    .split("\n")
    .filter((line) => line.includes(unit) && !/not executable|Command .* is not/.test(line));
  assert.deepEqual(about, []);
});
