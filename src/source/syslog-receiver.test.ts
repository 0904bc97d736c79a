import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { selectSyslog } from "./syslog-address.ts";
import { SyslogReceiver } from "./syslog-receiver.ts";

const TEXT = "Nov 21 03:19:33 host sshd[100]: Failed password";

async function receiving(t: TestContext, options: Record<string, string>) {
  const clock = new ManualClock(1_763_718_000);
  const receiver = new SyslogReceiver(selectSyslog(new Map(Object.entries(options))), clock);
  const heard = { text: "", trouble: [] as string[] };
  let told = () => {};
  const leave = receiver.listen({
    onLines: (lines) => {
      heard.text += lines.toString();
      told();
    },
    onTrouble: (message) => {
      heard.trouble.push(message);
      told();
    },
  });
  t.after(leave);
  const until = async (met: () => boolean) => {
    while (!met()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      told = resolve;
      await promise;
    }
  };
  return { receiver, clock, heard, until };
}

/** A port that was free just now, for UDP and TCP. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, resolve));
  const { port } = socket.address();
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "0.0.0.0", () => resolve(true));
  });
  if (isFree) await new Promise((resolve) => server.close(resolve));
  await new Promise<void>((resolve) => socket.close(resolve));
  return isFree ? port : freePort();
}

test("UDP and TCP messages become lines", { timeout: 300_000 }, async (t) => {
  const port = await freePort();
  const listen = `udp://127.0.0.1:${port} tcp://localhost:${port}`;
  const { receiver, heard, until } = await receiving(t, { listen });
  await receiver.ready();
  const udp = createSocket("udp4");
  t.after(() => udp.close());
  udp.send(`<38>${TEXT} 1\nForged line`, port, "127.0.0.1");
  await until(() => heard.text.includes("Forged"));
  const tcp = connect(port, "127.0.0.1");
  tcp.end(`${TEXT.length + 6} <38>${TEXT} 2<38>${TEXT} 3\n`);
  await until(() => heard.text.includes("password 3"));
  assert.equal(heard.text, `${TEXT} 1#012Forged line\n${TEXT} 2\n${TEXT} 3\n`);
  assert.deepEqual(heard.trouble, []);
});

test("senders that are not listed are refused", { timeout: 300_000 }, async (t) => {
  const port = await freePort();
  const { receiver, heard, until } = await receiving(t, {
    listen: `udp://0.0.0.0:${port}, tcp://0.0.0.0:${port}`,
    allow: "192.0.2.0/24",
  });
  await receiver.ready();
  const udp = createSocket("udp4");
  t.after(() => udp.close());
  udp.send(`<38>${TEXT}`, port, "127.0.0.1");
  connect(port, "127.0.0.1").on("error", () => {});
  await until(() => heard.trouble.length >= 2);
  assert.match(heard.trouble[0]!, /from 127\.0\.0\.1 was refused, the option allow does not list it/);
  assert.equal(heard.text, "");
});

test("an address in use is reported and tried again", { timeout: 300_000 }, async (t) => {
  const port = await freePort();
  const other = createSocket("udp4");
  await new Promise<void>((resolve) => other.bind(port, "127.0.0.1", resolve));
  const { receiver, clock, heard, until } = await receiving(t, { listen: `udp://127.0.0.1:${port}` });
  await until(() => heard.trouble.length === 1);
  assert.match(heard.trouble[0]!, /^Unable to receive syslog messages at udp:.*EADDRINUSE/);
  await new Promise<void>((resolve) => other.close(resolve));
  clock.advance(1);
  await receiver.ready();
});

test("options that cannot be used are refused with the reason", () => {
  const select = (options: Record<string, string>) => selectSyslog(new Map(Object.entries(options)));
  assert.throws(() => select({}), /needs to be told where to listen: syslog\[listen=udp:/);
  assert.throws(
    () => select({ listen: "udp://0.0.0.0:514" }),
    /can be reached from other machines.*add allow=/,
  );
  assert.throws(() => select({ listen: "unix://relative" }), /unix:\/\/\/run\/fail2ban\/log/);
  assert.throws(() => select({ listen: `unix:///${"x".repeat(107)}` }), /at most 107 bytes/);
  for (const listen of [
    "udp://127.0.0.1",
    "http://127.0.0.1:1",
    "udp://example.org:514",
    "udp://127.0.0.1:0",
  ]) {
    assert.throws(() => select({ listen }), /listen must be like/, listen);
  }
  assert.throws(
    () => select({ listen: "udp://127.0.0.1:1", allow: "x.example" }),
    /allow must list addresses/,
  );
  assert.throws(() => select({ listen: "udp://127.0.0.1:1", foo: "1" }), /takes no option 'foo'/);
  assert.equal(select({ listen: "udp://[::]:514", allow: "any" }).allow, null);
  assert.deepEqual(select({ listen: "tcp://[::1]:514 unix:///run/log" }).addresses, [
    { protocol: "tcp", host: "::1", port: 514 },
    { protocol: "unix", path: "/run/log" },
  ]);
});
