import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { ConnectionCutter } from "./connection-cutter.ts";
import { SILENT_SUCCESS } from "./shell.ts";

test("one run at a time; what is asked for meanwhile shares the next ones, at most a hundred in each", async () => {
  const scripts: string[] = [];
  const ends: (() => void)[] = [];
  const cutter = new ConnectionCutter({
    jail: "sshd",
    log: new LogHub(() => {}).logger("actions"),
    runner: {
      run: ({ script }) => {
        scripts.push(script);
        return new Promise((resolve) => ends.push(() => resolve(SILENT_SUCCESS)));
      },
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const cut = (text: string) => cutter.cut(Identifier.parse(text));
  cut("192.0.2.1");
  cut("192.0.2.2");
  cut("$(reboot)");
  await turn();
  assert.equal(scripts.length, 1);
  assert.match(scripts[0]!, /ss -K -H -n -t '\( dst 192\.0\.2\.1 or dst 192\.0\.2\.2 \)'/);
  for (let i = 0; i < 150; i++) cut(`198.51.100.${i}`);
  cut("198.51.100.0");
  cut("2001:db8::/64");
  await turn();
  assert.equal(scripts.length, 1, "the first one still runs");
  for (let i = 0; i < 3; i++) {
    ends[i]?.();
    await turn();
  }
  assert.equal(scripts.length, 3);
  const counts = scripts.map((script) => script.split("conntrack -D").length - 1);
  // From and to each, and once more for those that are taken up again.
  assert.deepEqual(counts, [2 * 4, 100 * 4, 51 * 4]);
  assert.ok(!scripts.join().includes("reboot"));
});

test("a connection that is taken up again by its other end counts once", async () => {
  const messages: string[] = [];
  const line = (source: string, destination: string) =>
    `tcp      6 299 ESTABLISHED ${source} ${destination} [ASSURED] mark=0 use=1\n`;
  const there = "src=192.0.2.1 dst=198.51.100.5 sport=40000 dport=22";
  const back = "src=198.51.100.5 dst=192.0.2.1 sport=22 dport=40000";
  const other = "src=192.0.2.1 dst=198.51.100.5 sport=40001 dport=22";
  const stdout = line(there, back) + line(back, there) + line(other, back);
  const cutter = new ConnectionCutter({
    jail: "sshd",
    log: new LogHub(({ message }) => messages.push(message)).logger("actions"),
    runner: { run: async () => ({ ...SILENT_SUCCESS, stdout }) },
  });
  cutter.cut(Identifier.parse("192.0.2.1"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(messages, ["[sshd] Cut 2 connection(s) of 192.0.2.1"]);
});
