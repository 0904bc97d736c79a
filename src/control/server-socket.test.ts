import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fromGolden, type GoldenValue } from "../../test/golden-value.ts";
import { shared, skipWithout } from "../../test/shared.ts";
import { LogHub } from "../log/logger.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { ManualClock, systemClock } from "../time/clock.ts";
import { ControlConnection } from "./connection.ts";
import { CLOSE, TERMINATOR } from "./frame.ts";
import { pickleMessage } from "./pickle-message.ts";
import { ControlSocket, ControlSocketError, type ControlSocketOptions } from "./server-socket.ts";
import { takeInheritedSocket } from "./socket-activation.ts";
import { sendOnce } from "./testing.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-control-"));
after(() => rmSync(dir, { recursive: true }));
const logged: string[] = [];
const log = new LogHub((record) => logged.push(record.message)).logger("asyncserver");
let sockets = 0;

async function serve(
  handler: ControlSocketOptions["handler"],
  options: Partial<ControlSocketOptions> = {},
): Promise<{ path: string; server: ControlSocket }> {
  const path = join(dir, `${++sockets}.sock`);
  const server = new ControlSocket({ path, handler, clock: systemClock, log, ...options });
  await server.listen();
  after(() => server.close());
  return { path, server };
}

async function echo(command: PyValue[]): Promise<PyValue> {
  if (command[0] === "fail") throw new PyError("builtins", "ValueError", command.slice(1));
  if (command[0] === "crash") throw new Error("crashed");
  return command.slice(1);
}

/** Reads from a raw connection until `count` terminators (or newlines) came. */
async function readMessages(socket: Socket, count: number, end: Buffer = TERMINATOR): Promise<Buffer[]> {
  const found: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, chunk]);
    for (let at = rest.indexOf(end); at >= 0; at = rest.indexOf(end)) {
      found.push(rest.subarray(0, at));
      rest = rest.subarray(at + end.length);
    }
    if (found.length >= count) break;
  }
  return found;
}

test("many requests on one connection, failures included", async () => {
  const { path } = await serve(echo);
  const connection = await ControlConnection.open(path, { clock: systemClock });
  assert.deepEqual(await connection.send(["echo", "a", 1]), ["a", 1]);
  await assert.rejects(connection.send(["fail", "x"]), new PyError("builtins", "ValueError", ["x"]));
  await assert.rejects(connection.send(["crash"]), new PyError("builtins", "Exception", ["crashed"]));
  assert.match(logged.join("\n"), /Control command failed unexpectedly: Error: crashed/);
  await assert.rejects(
    connection.send([]),
    new PyError("builtins", "IndexError", ["list index out of range"]),
  );
  const text = "a log line with <F2B_END_COMMAND> in it";
  assert.deepEqual(await connection.send(["echo", text]), [text]);
  connection.close();
});

test("the socket belongs to its owner alone, and is gone after closing", async () => {
  const { path, server } = await serve(echo);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  await server.close();
  assert.equal(existsSync(path), false);
  await assert.rejects(sendOnce(path, ["x"], { clock: systemClock }), {
    code: "ENOENT",
    message: "[Errno 2] No such file or directory",
  });
});

test("a path that is taken stays, unless it is forced", async () => {
  const path = join(dir, "taken.sock");
  writeFileSync(path, "");
  const options = { path, handler: echo, clock: systemClock, log };
  await assert.rejects(sendOnce(path, ["x"], options), { message: "[Errno 111] Connection refused" });
  await assert.rejects(new ControlSocket(options).listen(), ControlSocketError);
  const server = new ControlSocket({ ...options, force: true });
  await server.listen();
  assert.deepEqual(await sendOnce(path, ["echo", "a"], options), ["a"]);
  await server.close();
  const long = new ControlSocket({ ...options, path: join(dir, "x".repeat(120)) });
  await assert.rejects(long.listen(), /longer than/);
});

test("requests of one client are answered in order, one at a time; others are not held up", async () => {
  const releases: (() => void)[] = [];
  let running = 0;
  const { path } = await serve(async (command) => {
    if (command[0] !== "wait") return command[0] ?? null;
    assert.equal(++running, 1);
    await new Promise<void>((resolve) => releases.push(resolve));
    running--;
    return command[1] ?? null;
  });
  const slow = connect(path);
  slow.write(
    Buffer.concat([pickleMessage(["wait", 1]), pickleMessage(["wait", 2]), pickleMessage(["three"])]),
  );
  for (let i = 0; i < 2; i++) {
    while (releases.length <= i) await sendOnce(path, ["other"], { clock: systemClock });
    releases[i]?.();
  }
  const answers = await readMessages(slow, 3);
  assert.deepEqual(
    answers.map((a) => a.length > 0),
    [true, true, true],
  );
  assert.match(String(answers[2]), /three/);
  slow.destroy();
});

test("a client that does not read its answer holds nobody up", async () => {
  const clock = new ManualClock(0);
  const { path } = await serve(async (command) => (command[0] === "big" ? "x".repeat(8_000_000) : "pong"), {
    clock,
  });
  const slow = connect(path);
  slow.pause();
  slow.write(pickleMessage(["big"]));
  slow.write(pickleMessage(["big"]));
  assert.equal(await sendOnce(path, ["ping"], { clock: systemClock }), "pong");
  // The timers of the connections and the one for the answer.
  while (clock.pending < 1 || !logged.some((line) => line.includes("does not read its answer"))) {
    clock.advance(30);
    await new Promise(setImmediate);
  }
  slow.destroy();
});

test("a request that does not get finished costs the connection", async () => {
  const clock = new ManualClock(0);
  const { path } = await serve(echo, { clock });
  const socket = connect(path);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => {});
  socket.write("\x80");
  await sendOnce(path, ["echo"], { clock: systemClock });
  for (let seconds = 0; seconds < 100 && !socket.destroyed; seconds += 10) {
    clock.advance(10);
    // Single bytes do not prolong the life of a request.
    socket.write("x");
    await sendOnce(path, ["echo"], { clock: systemClock });
  }
  await closed;
});

test("a request that is too long costs the connection", async () => {
  const { path } = await serve(echo, { limits: { requestBytes: 100 } });
  await assert.rejects(sendOnce(path, ["echo", "x".repeat(200)], { clock: systemClock }), {
    message: "[Errno 104] Connection reset by peer",
  });
});

test("while the server goes down requests get the shutdown notice; running ones are answered", async () => {
  let release = () => {};
  const { path, server } = await serve(async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return "done";
  });
  const first = await ControlConnection.open(path, { clock: systemClock });
  const running = first.send(["stop"]);
  const second = await ControlConnection.open(path, { clock: systemClock });
  server.refuseRequests();
  await assert.rejects(second.send(["ping"]), { name: "AnswerError", message: "list index out of range" });
  const closed = server.close();
  release();
  assert.equal(await running, "done");
  await closed;
  await assert.rejects(first.send(["ping"]), { message: "[Errno 104] Connection reset by peer" });
});

test("a client may end its side and still read", async () => {
  const { path } = await serve(echo);
  const socket = connect(path);
  socket.end(pickleMessage(["echo", "late"]));
  assert.match(String(await readMessages(socket, 1)), /late/);
});

test("no answer in time", async () => {
  const { path } = await serve(() => new Promise(() => {}));
  const clock = new ManualClock(0);
  const connection = await ControlConnection.open(path, { clock, timeoutSeconds: 5 });
  const answer = connection.send(["ping"]);
  clock.advance(5);
  await assert.rejects(answer, { message: "timed out" });
});

test("JSON lines", async () => {
  const { path } = await serve(async (command) =>
    command[0] === "fail" ? echo(command) : new Map([["k", command]]),
  );
  const socket = connect(path);
  socket.write('{"command": ["x", 1, 1.0, null]}\n{"command": ["fail", "why"]}\n{"no": 1}\n{oops\n');
  const lines = (await readMessages(socket, 4, Buffer.from("\n"))).map(String);
  assert.equal(lines[0], '{"ok":true,"result":{"k":["x",1,1.0,null]}}');
  const error = '{"module":"builtins","class":"ValueError","message":"why","args":["why"]}';
  assert.equal(lines[1], `{"ok":false,"error":${error}}`);
  assert.match(lines[2] ?? "", /^\{"ok":false.*request has no list/);
  assert.match(lines[3] ?? "", /^\{"ok":false.*request is no JSON/);
  socket.write('{"command": ["x", {"tuple": [{"float": "1.0"}]}], "exact": true}\n');
  socket.write(
    '{"command": ["fail", {"bytes": "00"}], "exact": true}\n{"command": [{"x": 1}], "exact": true}\n',
  );
  const exact = (await readMessages(socket, 3, Buffer.from("\n"))).map(String);
  assert.equal(exact[0], '{"ok":true,"result":{"dict":[["k",["x",{"tuple":[{"float":"1.0"}]}]]]}}');
  assert.match(exact[1] ?? "", /"args":\[\{"bytes":"00"\}\]\}\}$/);
  assert.match(exact[2] ?? "", /^\{"ok":false.*unknown kind of value/);
  socket.destroy();
});

test("socket handed over by a service manager", () => {
  const env = { LISTEN_PID: "7", LISTEN_FDS: "3", LISTEN_FDNAMES: "a:fail2ban:b", HOME: "/" };
  assert.equal(takeInheritedSocket({ ...env }, 8), null);
  assert.equal(takeInheritedSocket(env, 7), 4);
  assert.deepEqual(env, { HOME: "/" });
  assert.equal(takeInheritedSocket({ LISTEN_PID: "7", LISTEN_FDS: "1" }, 7), 3);
});

interface Exchange {
  name: string;
  request_hex: string;
  response_hex: string;
  response?: GoldenValue;
}

test("recorded exchanges, byte by byte over a socket", {
  skip: skipWithout("golden", "wire.json"),
}, async () => {
  const all: Exchange[] = JSON.parse(readFileSync(shared("golden", "wire.json"), "utf8")).exchanges;
  const names = [
    "empty-list",
    "not-a-list-dict",
    "not-a-list-int",
    "not-a-list-string",
    "tuple-command",
    "bytes-command",
    "garbage",
    "empty",
    "truncated-pickle",
    "json-request",
    "unknown-global",
    "ping-protocol-0",
    "python2-protocol-2-bytestrings",
    "exporter-4",
    "surrogate-echo",
    "server-stream-fails-midway",
  ];
  let current: Exchange | undefined;
  const { path } = await serve(async (command) => {
    if (typeof command[0] !== "string" || command[0].length === 1) {
      throw new PyError("builtins", "Exception", ["Invalid command"]);
    }
    const [code, value] = (fromGolden(current?.response ?? null) as { items: PyValue[] }).items;
    if (code === 1) throw value;
    return value ?? null;
  });
  const socket = connect(path);
  for (const name of names) {
    current = all.find((e) => e.name === name);
    assert.ok(current, name);
    for (const byte of Buffer.from(current.request_hex, "hex")) socket.write(Buffer.from([byte]));
    const [answer] = await readMessages(socket, 1);
    assert.equal(answer?.toString("hex") + TERMINATOR.toString("hex"), current.response_hex, name);
  }
  socket.write(Buffer.concat([CLOSE, TERMINATOR]));
  assert.deepEqual(await readMessages(socket, 1), []);
});
