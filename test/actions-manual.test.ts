import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sendOnce } from "../src/control/testing.ts";
import { systemClock } from "../src/time/clock.ts";
import { Instance, ROOT, until } from "./instance.ts";

/** The examples of docs/actions.md, run as they stand there. */

const MANUAL = readFileSync(join(ROOT, "docs/actions.md"), "utf8");

/** The code block of a language that holds a text. */
function example(language: string, text: string): string {
  const blocks = [...MANUAL.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, kind, code]) => kind === language && code?.includes(text));
  assert.ok(found?.[2], `docs/actions.md has an example with ${text}`);
  return found[2];
}

function serve(t: TestContext, action: string, files: Record<string, string>): Instance {
  const jail =
    "[DEFAULT]\nbackend = polling\nfilter = simple\nmaxretry = 2\n" +
    `[j]\nenabled = true\nlogpath = {DIR}/j.log\naction = ${action}\n`;
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <ADDR>$\n",
      "jail.local": jail,
      ...files,
    },
  });
  t.after(() => instance.dispose());
  instance.write("j.log", "");
  instance.start();
  return instance;
}

test("the list of addresses that some other program reads", async (t) => {
  const code = example("ini", "sed -i");
  const instance = serve(t, 'blocklist[list="{DIR}/list.txt"]', { "action.d/blocklist.conf": code });
  const list = () => instance.read("list.txt");
  instance.client("set", "j", "banip", "203.0.113.1", "2001:db8::1");
  assert.equal(list(), "203.0.113.1\n2001:db8::1\n");
  instance.client("set", "j", "unbanip", "203.0.113.1");
  assert.equal(list(), "2001:db8::1\n");
  instance.client("unban", "--all");
  assert.equal(list(), "");
  await instance.stop();
  assert.doesNotMatch(instance.read("fail2ban.log"), /ERROR/);
});

for (const name of ["webhook.js", "webhook.py"]) {
  test(`the module that tells another server, as ${name}`, async (t) => {
    const told: { event: string; [key: string]: unknown }[] = [];
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      told.push(JSON.parse(body));
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const code = example("js", "export class Action");
    const instance = serve(t, `${name}[url="${url}"]`, { "action.d/webhook.js": code });
    instance.append("j.log", `${new Date().toISOString()} failure from 203.0.113.1\n`.repeat(2));
    await until(() => told.length === 1, "the ban is told");
    // The server that is told lives in this process, so nobody may wait here for the client.
    const send = (...words: string[]) => sendOnce(instance.path("f2b.sock"), words, { clock: systemClock });
    await send("set", "j", "unbanip", "203.0.113.1");
    assert.deepEqual(told, [
      { jail: "j", event: "ban", ip: "203.0.113.1", failures: 2 },
      { jail: "j", event: "unban", ip: "203.0.113.1" },
    ]);
    instance.client("reload");
    assert.doesNotMatch(instance.read("fail2ban.log"), /ERROR/);
  });
}
