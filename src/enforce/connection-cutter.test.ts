import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { ConnectionCutter } from "./connection-cutter.ts";
import type { ShellResult } from "./shell.ts";

test("one run at a time; what is asked for meanwhile shares the next ones, at most a hundred in each", async () => {
  const scripts: string[] = [];
  const ends: (() => void)[] = [];
  const done: ShellResult = {
    code: 0,
    timedOut: false,
    error: null,
    stdout: "",
    stderr: "",
    droppedBytes: 0,
  };
  const cutter = new ConnectionCutter({
    jail: "sshd",
    log: new LogHub(() => {}).logger("actions"),
    runner: {
      run: ({ script }) => {
        scripts.push(script);
        return new Promise((resolve) => ends.push(() => resolve(done)));
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
  assert.deepEqual(counts, [2, 100, 51]);
  assert.ok(!scripts.join().includes("reboot"));
});
