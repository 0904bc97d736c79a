import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { seededRandom } from "../../bench/generate.ts";
import { LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { systemClock } from "../time/clock.ts";
import { ControlConnection } from "./connection.ts";
import { CLOSE, TERMINATOR } from "./frame.ts";
import { pickleMessage } from "./pickle-message.ts";
import { ControlSocket } from "./server-socket.ts";
import { sendOnce } from "./testing.ts";

/** The control socket under damaged messages and many clients. `FUZZ=50000` sends more of them. */

const COUNT = Number(process.env["FUZZ"] ?? 5000);
const SEED = Number(process.env["SEED"] ?? 1);
const CLIENTS = 200;
/** Bytes that the heap may be larger after all the messages than after the first tenth. */
const GROWTH = 8 * 1024 * 1024;

const dir = mkdtempSync(join(tmpdir(), "f2b-fuzz-"));
after(() => rmSync(dir, { recursive: true }));

async function serve(name: string): Promise<string> {
  const path = join(dir, name);
  const log = new LogHub(() => {}).logger("asyncserver");
  const handler = async (command: PyValue[]) => command;
  const server = new ControlSocket({ path, handler, clock: systemClock, log });
  await server.listen();
  after(() => server.close());
  return path;
}

test(`${COUNT} damaged messages: the server neither stops nor keeps anything of them`, async () => {
  const path = await serve("fuzz");
  const random = seededRandom(SEED);
  let before = 0;
  for (let i = 0; i < COUNT; ) {
    // One connection takes some messages, or one that it closes for.
    const batch = Array.from({ length: Math.min(COUNT - i, 1 + Math.floor(random() * 40)) }, () =>
      damagedMessage(random),
    );
    i += batch.length;
    await sendAll(path, Buffer.concat(batch));
    if (before === 0 && i >= COUNT / 10) before = heapInUse();
  }
  assert.deepEqual(await sendOnce(path, ["ping"], { clock: systemClock, timeoutSeconds: 120 }), ["ping"]);
  const growth = heapInUse() - before;
  assert.ok(growth < GROWTH, `the heap grew by ${growth} bytes`);
});

test(`${CLIENTS} clients at once, some of which never read or never finish`, async () => {
  const path = await serve("many");
  const silent = await Promise.all(Array.from({ length: 20 }, () => open(path)));
  const text = "x".repeat(1 << 20);
  for (const [i, socket] of silent.entries()) {
    socket.pause();
    socket.write(i % 2 === 0 ? pickleMessage([text]) : Buffer.from("unfinished"));
  }
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => ControlConnection.open(path, { clock: systemClock })),
  );
  const answers = await Promise.all(
    clients.flatMap((client, i) => {
      const first = client.send([`a${i}`]);
      return [first, first.then(() => client.send([`b${i}`]))];
    }),
  );
  assert.deepEqual(
    answers,
    clients.flatMap((_, i) => [[`a${i}`], [`b${i}`]]),
  );
  for (const client of clients) client.close();
  for (const socket of silent) socket.destroy();
});

/** A message of which something is wrong: bytes changed, cut, doubled, mixed with another, or noise. */
function damagedMessage(random: () => number): Buffer {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const bytes = Buffer.from(pick(MESSAGES));
  const at = () => Math.floor(random() * bytes.length);
  switch (Math.floor(random() * 6)) {
    case 0:
      bytes[at()] = Math.floor(random() * 256);
      bytes[at()] = Math.floor(random() * 256);
      return bytes;
    case 1:
      return Buffer.concat([bytes.subarray(0, at()), TERMINATOR]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at()), pick(MESSAGES)]);
    case 3:
      return Buffer.concat([Buffer.from(Array.from({ length: at() }, () => random() * 256)), TERMINATOR]);
    case 4:
      return bytes.subarray(at());
    default:
      return bytes;
  }
}

const MESSAGES: readonly Buffer[] = [
  pickleMessage(["ping"]),
  pickleMessage(["set", "sshd", "banip", "192.0.2.1", 7, true, null]),
  pickleMessage(["server-stream", [["set", "x", ["deep", ["deeper", [[["deepest"]]]]]]]]),
  pickleMessage(["echo", "ü".repeat(300), new Map<PyValue, PyValue>([["a", [1, 2]]])]),
  Buffer.concat([Buffer.from("(lp0\nS'status'\np1\naI7\na."), TERMINATOR]),
  Buffer.concat([Buffer.from("cos\nsystem\n(S'true'\ntR."), TERMINATOR]),
  Buffer.from('{"command": ["status", "sshd", 1.5, {"a": null}]}\n'),
  Buffer.from('{"command": ["echo", {"tuple": [{"float": "1.5"}, {"int": "7"}]}], "exact": true}\n'),
  Buffer.from('{"command": \n'),
  Buffer.concat([CLOSE, TERMINATOR]),
];

/** Sends everything and reads until the server closes: it does so when the client has ended its side. */
async function sendAll(path: string, bytes: Buffer): Promise<void> {
  const socket = await open(path);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => {});
  socket.resume();
  socket.end(bytes);
  await closed;
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path }, () => resolve(socket));
    socket.on("error", reject);
  });
}

function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
