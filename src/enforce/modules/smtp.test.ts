import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { LogHub } from "../../log/logger.ts";
import { Identifier } from "../../net/identifier.ts";
import { ManualClock } from "../../time/clock.ts";
import type { BanInfo } from "../ban-info.ts";
import { Action } from "./smtp.ts";

const servers: Server[] = [];
const sockets: Socket[] = [];
after(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

/** A mail server that answers each line by the first word of it. */
async function mailServer(
  answers: Record<string, string> = {},
): Promise<{ port: number; received: string[] }> {
  const received: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    let inMessage = false;
    socket.write(`${answers["greeting"] ?? "220 hello"}\r\n`);
    socket.on("data", (chunk) => {
      for (const line of chunk.toString().split("\r\n").slice(0, -1)) {
        received.push(line);
        const word = line.split(/[ :]/, 1)[0] ?? "";
        if (inMessage && line !== ".") continue;
        const answer =
          answers[word] ?? { EHLO: "250-host\r\n250 SIZE", DATA: "354 go", AUTH: "235 ok" }[word] ?? "250 ok";
        inMessage = word === "DATA";
        if (answer !== "silence") socket.write(`${answer}\r\n`);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, received };
}

function action(options: Record<string, unknown>, clock = new ManualClock(1_700_000_000)) {
  const jail = {
    name: "sshd",
    bantime: () => 600,
    banned: () => 0,
    bannedTotal: () => 0,
    found: () => 0,
    foundTotal: () => 0,
  };
  const tools = { logger: new LogHub(() => {}).logger("Action"), clock, hostName: "host.example.org" };
  return new Action(jail, "smtp", options, tools);
}

function ban(values: Record<string, string>): BanInfo {
  return { id: Identifier.parse("192.0.2.1"), family: "inet4", restored: false, value: (tag) => values[tag] };
}

function bodyOf(received: readonly string[]): string {
  const lines = received.slice(received.indexOf("") + 1, received.indexOf("."));
  return Buffer.from(lines.join(""), "base64").toString();
}

describe("smtp", () => {
  it("mails a ban", async () => {
    const { port, received } = await mailServer();
    const mailer = action({ host: `127.0.0.1:${port}`, dest: "root, admin@example.org", matches: "matches" });
    await mailer.ban(ban({ ip: "192.0.2.1", failures: "5", matches: "line ü\n.\nlast" }));
    assert.deepEqual(received.slice(0, 5), [
      "EHLO host.example.org",
      "MAIL FROM:<fail2ban>",
      "RCPT TO:<root>",
      "RCPT TO:<admin@example.org>",
      "DATA",
    ]);
    assert.ok(received.includes("Subject: [Fail2Ban] sshd: banned 192.0.2.1 from host.example.org"));
    assert.ok(received.includes("From: Fail2Ban <fail2ban>"));
    assert.ok(received.includes("Date: Tue, 14 Nov 2023 22:13:20 +0000"));
    assert.match(
      bodyOf(received),
      /^192\.0\.2\.1 has been banned for 600 seconds\nafter 5 attempts against sshd\.\n\n.*\n\nline ü\n\.\nlast\n$/,
    );
  });

  it("mails start and stop, and logs in when told to", async () => {
    const { port, received } = await mailServer();
    const mailer = action({ host: `127.0.0.1:${port}`, user: "me", password: "secret" });
    await mailer.start();
    await mailer.stop();
    assert.ok(received.includes(`AUTH PLAIN ${Buffer.from("\0me\0secret").toString("base64")}`));
    assert.ok(received.includes("Subject: [Fail2Ban] sshd: started on host.example.org"));
    assert.ok(received.includes("Subject: [Fail2Ban] sshd: stopped on host.example.org"));
  });

  it("lets no value end a header", async () => {
    const { port, received } = await mailServer();
    await action({ host: `127.0.0.1:${port}` }).ban(ban({ ip: "x\r\nBcc: evil@example.org" }));
    assert.ok(!received.some((line) => line.startsWith("Bcc")));
    assert.match(received.find((line) => line.startsWith("Subject")) ?? "", /^Subject: =\?utf-8\?B\?/);
  });

  it("tells what the server refused", async () => {
    const { port } = await mailServer({ RCPT: "550 no such user" });
    await assert.rejects(action({ host: `127.0.0.1:${port}` }).start(), {
      message: `mail server 127.0.0.1:${port}: answered RCPT with: 550 no such user`,
    });
  });

  it("gives up on a silent server", async () => {
    const clock = new ManualClock(0);
    const { port, received } = await mailServer({ EHLO: "silence" });
    const sending = action({ host: `127.0.0.1:${port}` }, clock).start();
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60);
    await assert.rejects(sending, /no end after 60 seconds/);
    assert.equal(clock.pending, 0);
  });

  it("refuses options that cannot be used", () => {
    assert.throws(() => action({ nosuch: "1" }), /unknown option nosuch/);
    assert.throws(() => action({ dest: "a>b" }), /"a>b" is no mail address/);
    assert.throws(() => action({ matches: "all" }), /option matches is "all", expected none, matches/);
  });
});
