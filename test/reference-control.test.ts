import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ControlConnection } from "../src/control/connection.ts";
import { ControlSocket } from "../src/control/server-socket.ts";
import { LogHub } from "../src/log/logger.ts";
import { PyError, PyFloat, PyTuple, type PyValue } from "../src/pyvalue/value.ts";
import { systemClock } from "../src/time/clock.ts";
import { referenceCommand, skipWithoutReference } from "./reference.ts";

const skip = skipWithoutReference();
const dir = mkdtempSync(join(tmpdir(), "f2b-interop-"));
after(() => rmSync(dir, { recursive: true, force: true }));
const clock = systemClock;

/** A configuration without jails, whose server keeps everything in one folder. */
function makeTree(name: string): { conf: string; socket: string } {
  const home = join(dir, name);
  const conf = join(home, "etc");
  mkdirSync(conf, { recursive: true });
  const socket = join(home, "f2b.sock");
  const lines = [
    "[Definition]",
    "loglevel = INFO",
    `logtarget = ${home}/f2b.log`,
    "syslogsocket = auto",
    `socket = ${socket}`,
    `pidfile = ${home}/f2b.pid`,
    "dbfile = None",
    "dbpurgeage = 1d",
  ];
  writeFileSync(join(conf, "fail2ban.conf"), `${lines.join("\n")}\n`);
  writeFileSync(join(conf, "jail.conf"), "[DEFAULT]\n");
  return { conf, socket };
}

function runReference(...args: string[]): Promise<{ stdout: string; stderr: string; exit: number }> {
  const { command, args: all, env } = referenceCommand("fail2ban-client", ...args);
  return new Promise((resolve) => {
    execFile(command, all, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exit: error ? Number(error.code ?? -1) : 0 });
    });
  });
}

test("the reference's client understands our socket", { skip }, async () => {
  const { conf, socket: path } = makeTree("ours");
  const commands: PyValue[][] = [];
  const handler = async (command: PyValue[]): Promise<PyValue> => {
    commands.push(command);
    switch (command[0]) {
      case "ping":
        return "pong";
      case "echo":
        return command.slice(1);
      case "status":
        if (command.length === 1) return [new PyTuple("Number of jail", 1), new PyTuple("Jail list", "sshd")];
        throw new PyError("fail2ban.exceptions", "UnknownJailException", [command[1] ?? null]);
      case "get":
        return new PyFloat(2629800);
      default:
        throw new PyError("builtins", "IndexError", ["list index out of range"]);
    }
  };
  const log = new LogHub(() => {}).logger("asyncserver");
  const server = new ControlSocket({ path, handler, clock, log });
  await server.listen();
  try {
    const run = (...words: string[]) => runReference("-c", conf, ...words);
    assert.deepEqual(await run("ping"), { stdout: "Server replied: pong\n", stderr: "", exit: 0 });
    assert.equal((await run("status")).stdout, "Status\n|- Number of jail:\t1\n`- Jail list:\tsshd\n");
    assert.equal((await run("get", "x", "findtime")).stdout, "2629800.0\n");
    const text = "wide  line <F2B_END_COMMAND> \u20ac";
    assert.equal((await run("echo", "x<F2B_END_COMMAND")).stdout, "x<F2B_END_COMMAND\n");
    commands.length = 0;
    assert.equal((await run("echo", "\u20ac \\u20ac")).stdout, "\u20ac \\u20ac\n");
    assert.deepEqual(commands, [["echo", "\u20ac \\u20ac"]]);
    assert.deepEqual(await ours(path, ["echo", text]), [text]);
    const unknown = await run("status", "nojail");
    assert.equal(unknown.stdout, "Sorry but the jail 'nojail' does not exist\n");
    assert.match(unknown.stderr, /NOK: \('nojail',\)/);
    assert.equal(unknown.exit, 255);
    assert.equal((await run("frobnicate")).stdout, "Sorry but the command is invalid\n");
  } finally {
    await server.close();
  }
});

async function ours(path: string, command: PyValue[]): Promise<PyValue> {
  const connection = await ControlConnection.open(path, { clock });
  try {
    return await connection.send(command);
  } finally {
    connection.close();
  }
}

test("the reference's client prints answers that contain the terminator", { skip }, async () => {
  const { conf, socket: path } = makeTree("terminator");
  const text = "line \\ with <F2B_END_COMMAND> inside \u20ac\ttab";
  const log = new LogHub(() => {}).logger("asyncserver");
  const server = new ControlSocket({ path, handler: async () => [text], clock, log });
  await server.listen();
  try {
    assert.equal((await runReference("-c", conf, "echo", "x")).stdout, `${text}\n`);
  } finally {
    await server.close();
  }
});

test("our connection understands the reference's server", { skip }, async () => {
  const { conf, socket } = makeTree("theirs");
  const { command, args, env } = referenceCommand("fail2ban-server", "-c", conf, "-f", "start");
  const child = spawn(command, args, { env, stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  try {
    const connection = await connect(socket, ended);
    assert.equal(await connection.send(["ping", new PyFloat(0.1)]), "pong");
    assert.deepEqual(await connection.send(["echo", "a", "\u20ac \udcff"]), ["a", "\u20ac \udcff"]);
    await untilConfigured(connection);
    assert.deepEqual(await connection.send(["status"]), [
      new PyTuple("Number of jail", 0),
      new PyTuple("Jail list", ""),
    ]);
    await assert.rejects(
      connection.send(["status", "nojail"]),
      new PyError("fail2ban.exceptions", "UnknownJailException", ["nojail"]),
    );
    await assert.rejects(
      connection.send(["get"]),
      new PyError("builtins", "IndexError", ["list index out of range"]),
    );
    await assert.rejects(connection.send(["set", "loglevel", "BOGUS"]), { className: "ValueError" });
    assert.equal(await connection.send(["set", "dbfile", "None"]), null);
    assert.equal(await connection.send(["add", "hand", "polling"]), "hand");
    const many = Array.from({ length: 2000 }, (_, i) => [
      "set",
      "hand",
      "addignoreip",
      `192.0.${i >> 8}.${i & 255}/32`,
    ]);
    assert.equal(await connection.send(["server-stream", many]), null);
    const ignored = (await connection.send(["get", "hand", "ignoreip"])) as PyValue[];
    assert.equal(ignored.length, 2000);
    assert.equal(await connection.send(["stop"]), null);
    connection.close();
    await ended;
  } finally {
    child.kill();
  }
  assert.equal(existsSync(socket), false);
});

/** Connects as soon as the server listens. */
async function connect(socket: string, ended: Promise<unknown>): Promise<ControlConnection> {
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  for (;;) {
    try {
      return await ControlConnection.open(socket, { clock, timeoutSeconds: 120 });
    } catch (error) {
      if (gone) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The reference configures itself through the same socket; afterwards its log level is the configured one. */
async function untilConfigured(connection: ControlConnection): Promise<void> {
  while ((await connection.send(["get", "dbpurgeage"])) !== null) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
