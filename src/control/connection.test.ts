import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { systemClock } from "../time/clock.ts";
import { TERMINATOR } from "./frame.ts";
import { pickleMessage } from "./pickle-message.ts";
import { markSocket } from "./socket-mark.ts";
import { sendOnce } from "./testing.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-connection-"));
after(() => rmSync(dir, { recursive: true }));
let servers = 0;

/** A server that answers every request with the same bytes; gives its path and what it received. */
async function answerWith(t: TestContext, answer: Buffer): Promise<{ path: string; received: () => string }> {
  const path = join(dir, `${++servers}.sock`);
  let received = "";
  const server = createServer((socket) => {
    socket.once("data", () => socket.write(answer));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  return { path, received: () => received };
}

const options = { clock: systemClock, timeoutSeconds: 120 };

test("a server of ours is spoken to in JSON, and nothing is lost on the way", async (t) => {
  const { path, received } = await answerWith(
    t,
    Buffer.from('{"ok":true,"result":{"tuple":["a",{"float":"1.0"},{"int":"18446744073709551616"}]}}\n'),
  );
  markSocket(path);
  const command: PyValue[] = ["ping", new PyFloat(1), new PyBytes(Buffer.from("b"))];
  assert.deepEqual(await sendOnce(path, command, options), new PyTuple("a", new PyFloat(1), 2n ** 64n));
  assert.equal(received(), '{"command":["ping",{"float":"1.0"},{"bytes":"62"}],"exact":true}\n');
});

test("any other server is spoken to as fail2ban's, in pickles alone", async (t) => {
  const { path, received } = await answerWith(t, pickleMessage(new PyTuple(0, "pong")));
  assert.equal(await sendOnce(path, ["ping"], options), "pong");
  assert.ok(received().startsWith(pickleMessage(["ping"]).toString("latin1")));
  assert.ok(received().endsWith(TERMINATOR.toString()));
});

test("failures, in either form", async (t) => {
  const error = new PyError("fail2ban.exceptions", "UnknownJailException", ["SHUTDOWN"]);
  const json =
    '{"ok":false,"error":{"module":"fail2ban.exceptions","class":"UnknownJailException","args":["SHUTDOWN"]}}\n';
  const ours = await answerWith(t, Buffer.from(json));
  markSocket(ours.path);
  await assert.rejects(sendOnce(ours.path, ["x"], options), error);
  const theirs = await answerWith(t, pickleMessage(new PyTuple(1, error)));
  await assert.rejects(sendOnce(theirs.path, ["x"], options), error);
});

test("what is no answer", async (t) => {
  for (const bytes of [
    "\n",
    "null\n",
    "[]\n",
    "{}\n",
    '{"ok":false}\n',
    '{"ok":true,"result":1.5}\n',
    "x\n",
  ]) {
    const { path } = await answerWith(t, Buffer.from(bytes));
    markSocket(path);
    await assert.rejects(sendOnce(path, ["x"], options), { name: "AnswerError" }, JSON.stringify(bytes));
  }
});
