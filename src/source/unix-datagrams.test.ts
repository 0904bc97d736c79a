import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { selectSyslog } from "./syslog-address.ts";
import { SyslogReceiver } from "./syslog-receiver.ts";
import { UnixDatagrams } from "./unix-datagrams.ts";

const SEND = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for message in sys.argv[2:]: s.sendto(message.encode("utf8", "surrogateescape"), sys.argv[1])
`;
const skip = spawnSync("python3", ["-V"]).status === 0 ? false : "python3 is not there";

function socketPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "unix-datagrams-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "log");
}

function send(path: string, ...messages: string[]): void {
  const { status, stderr } = spawnSync("python3", ["-c", SEND, path, ...messages], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

/** Waits until something is told at the socket: `listening`, a message, or a failure. */
function events(path: string) {
  const told: string[] = [];
  let next = Promise.withResolvers<void>();
  const tell = (what: string) => {
    told.push(what);
    next.resolve();
    next = Promise.withResolvers<void>();
  };
  const socket = new UnixDatagrams(path, {
    onListening: () => tell("listening"),
    onMessage: (message) => tell(message.toString()),
    onFailure: (error) => tell(error.message),
  });
  const count = async (wanted: number) => {
    while (told.length < wanted) await next.promise;
    return told;
  };
  return { socket, count };
}

test("each datagram is one message, whatever is in it", { skip, timeout: 300_000 }, async (t) => {
  const path = socketPath(t);
  const { socket, count } = events(path);
  t.after(() => socket.close());
  await count(1);
  assert.equal(statSync(path).mode & 0o777, 0o660);
  send(path, "one", "two\nlines", "", "5 five", "x".repeat(60_000));
  assert.deepEqual(await count(5), ["listening", "one", "two\nlines", "5 five", "x".repeat(60_000)]);
});

test("a socket that is left over is replaced, one in use and other files are not", {
  skip,
  timeout: 300_000,
}, async (t) => {
  const path = socketPath(t);
  const first = events(path);
  await first.count(1);
  const second = events(path);
  assert.deepEqual(await second.count(1), ["Address already in use"]);
  first.socket.close();
  spawnSync("python3", [
    "-c",
    `import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("${path}2")`,
  ]);
  assert.ok(existsSync(`${path}2`));
  const third = events(`${path}2`);
  t.after(() => third.socket.close());
  assert.deepEqual(await third.count(1), ["listening"]);
  writeFileSync(`${path}3`, "");
  assert.deepEqual(await events(`${path}3`).count(1), ["Address already in use"]);
  assert.deepEqual(await events("/nonexistent/log").count(1), ["No such file or directory"]);
});

test("a syslog receiver hears what local programs write", { skip, timeout: 300_000 }, async (t) => {
  const path = socketPath(t);
  const heard = Promise.withResolvers<string>();
  const receiver = new SyslogReceiver(
    selectSyslog(new Map([["listen", `unix://${path}`]])),
    new ManualClock(0),
  );
  const leave = receiver.listen({
    onLines: (lines) => heard.resolve(lines.toString()),
    onTrouble: heard.reject,
  });
  t.after(leave);
  await receiver.ready();
  send(path, "<38>Nov 21 03:19:33 sshd[100]: Failed password");
  assert.equal(await heard.promise, `Nov 21 03:19:33 ${hostname()} sshd[100]: Failed password\n`);
});
