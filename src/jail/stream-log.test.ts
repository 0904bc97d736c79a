import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { LineListener } from "../source/line-stream.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import { makeTestServices } from "./testing.ts";

const NOW = 1_763_718_000;

function listening(t: TestContext) {
  const services = makeTestServices(NOW);
  let listener: LineListener | null = null;
  const stdin = {
    fault: null,
    listen: (one: LineListener) => {
      listener = one;
      return () => {
        listener = null;
      };
    },
  };
  const jail = new Jail("pipe", chooseBackend("stdin"), { ...services, stdin });
  jail.filter.addFailRegex("^\\s*login failed from <HOST>$");
  jail.settings.setFindTime(600);
  t.after(() => jail.logs.close());
  const send = (...lines: string[]) => listener?.onLines(Buffer.from(lines.map((l) => `${l}\n`).join("")));
  return { services, jail, send, listener: () => listener };
}

function at(time: number, ip: string): string {
  return `${new Date(time * 1000).toISOString()} login failed from ${ip}`;
}

test("lines of a pipe are counted: the past by its own time, the present as new", (t) => {
  const { services, jail, send } = listening(t);
  jail.start();
  send(at(NOW - 5000, "192.0.2.1"), at(NOW - 300, "192.0.2.2"));
  send(at(NOW, "192.0.2.3"));
  send("login failed from 192.0.2.4");
  assert.equal(jail.failures.total, 3);
  const found = services.takeLog().filter((line) => /Found \d/.test(line));
  assert.deepEqual(
    found.map((line) => line.split(" ")[3]),
    ["192.0.2.2", "192.0.2.3", "192.0.2.4"],
  );
});

test("after a while of quiet the past is over, whatever the lines' times", (t) => {
  const { services, jail, send } = listening(t);
  jail.start();
  send(at(NOW - 5000, "192.0.2.1"));
  assert.equal(jail.failures.total, 0);
  services.clock.advance(5);
  send(at(NOW - 3600, "192.0.2.2"));
  assert.equal(jail.failures.total, 1);
});

test("nothing is lost while the jail is idle, as far as it can wait", (t) => {
  const { services, jail, send, listener } = listening(t);
  assert.equal(listener(), null);
  jail.start();
  jail.idle = true;
  send("login failed from 192.0.2.1");
  assert.equal(jail.failures.total, 0);
  jail.idle = false;
  assert.equal(jail.failures.total, 1);
  jail.idle = true;
  for (let i = 0; i < 6; i++) send(`${"x".repeat(1024 * 1024)}`);
  send("login failed from 192.0.2.2");
  jail.idle = false;
  assert.equal(jail.failures.total, 2);
  assert.ok(services.takeLog().some((line) => line.includes("more lines come than can wait")));
  jail.logs.close();
  assert.equal(listener(), null);
});

test("the log names the backend; stdin takes no options", () => {
  const services = makeTestServices(NOW);
  new Jail("a", chooseBackend("syslog[listen=udp://127.0.0.1:5514]"), services);
  assert.deepEqual(services.takeLog(), [
    "jail: Creating new jail 'a'",
    "jail: Jail 'a' uses syslog {'listen': 'udp://127.0.0.1:5514'}",
    "jail: Initiated 'syslog' backend",
  ]);
  assert.throws(() => chooseBackend("stdin[x=1]"));
});

test("an exception of the filter is reported once a minute, and the lines behind it are read", (t) => {
  const { services, jail, send } = listening(t);
  jail.start();
  const process = jail.feed.process.bind(jail.feed);
  let isBroken = true;
  jail.feed.process = (...words) => {
    if (isBroken) throw new Error("bad line");
    process(...words);
  };
  send("one");
  send("two");
  isBroken = false;
  send(at(NOW, "192.0.2.1"));
  assert.equal(jail.failures.total, 1);
  const said = services.takeLog().filter((line) => line.includes("caught exception"));
  assert.deepEqual(said, ["filter: [pipe] Failed to process lines, caught exception: bad line"]);
});
