import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { ManualClock } from "../../time/clock.ts";
import { sendMail } from "./smtp-client.ts";

const skip = spawnSync("openssl", ["version"]).error ? "not installed: openssl, for a certificate" : false;

/** A certificate that nobody vouches for. */
function certificate(t: TestContext): { key: string; cert: string } {
  const directory = mkdtempSync(join(tmpdir(), "f2b-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [key, cert] = [join(directory, "key"), join(directory, "cert")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const made = spawnSync("openssl", [
    "req",
    "-x509",
    ...curve,
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
    "-subj",
    "/CN=localhost",
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

/** Speaks SMTP on a socket, and notes each line with whether it came encrypted. */
function talk(socket: Socket, received: string[], keys: { key: string; cert: string }): void {
  const encrypted = socket instanceof TLSSocket;
  let inMessage = false;
  const onData = (chunk: Buffer) => {
    for (const line of chunk.toString().split("\r\n").slice(0, -1)) {
      received.push(`${encrypted ? "tls" : "plain"} ${line}`);
      if (inMessage && line !== ".") continue;
      inMessage = line === "DATA";
      if (line === "STARTTLS") {
        socket.off("data", onData);
        // What an attacker in between puts behind the answer belongs to nobody.
        socket.write("220 go\r\n250-host\r\n250 AUTH\r\n");
        return talk(new TLSSocket(socket, { isServer: true, ...keys }), received, keys);
      }
      if (line.startsWith("EHLO"))
        socket.write(encrypted ? "250-host\r\n250 AUTH PLAIN\r\n" : "250-host\r\n250 STARTTLS\r\n");
      else if (line.startsWith("AUTH")) socket.write("235 ok\r\n");
      else socket.write(line === "DATA" ? "354 go\r\n" : "250 ok\r\n");
    }
  };
  socket.on("data", onData);
  socket.on("error", () => {});
}

const LOGIN = { user: "u", password: "p" };
const ENVELOPE = { from: "a@example.org", to: ["b@example.org"], message: "Subject: x\r\n\r\nhello" };

async function serve(t: TestContext, kind: "STARTTLS" | "TLS") {
  const keys = certificate(t);
  const received: string[] = [];
  const sockets: Socket[] = [];
  const greet = (socket: Socket) => {
    sockets.push(socket);
    talk(socket, received, keys);
    socket.write("220 hello\r\n");
  };
  const server = kind === "TLS" ? createTlsServer(keys, greet) : createServer(greet);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const place = {
    host: "127.0.0.1",
    port,
    tls: kind === "TLS",
    login: LOGIN,
    hostName: "host.example.org",
    timeoutSeconds: 120,
  };
  const send = () => sendMail(place, ENVELOPE, new ManualClock(0));
  return { send, received };
}

for (const kind of ["STARTTLS", "TLS"] as const) {
  test(`${kind}: login and mail are encrypted`, { skip }, async (t) => {
    const { send, received } = await serve(t, kind);
    await send();
    const plain = received.filter((line) => line.startsWith("plain "));
    assert.deepEqual(plain, kind === "TLS" ? [] : ["plain EHLO host.example.org", "plain STARTTLS"]);
    assert.ok(received.includes(`tls AUTH PLAIN ${Buffer.from("\0u\0p").toString("base64")}`));
    assert.ok(received.includes("tls hello"));
  });
}
