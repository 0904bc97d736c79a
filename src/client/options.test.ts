import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions } from "./options.ts";

const parse = (...args: string[]) =>
  parseOptions(args, (text) => {
    if (text === "bad") throw new Error("bad time");
    return Number(text);
  });

test("without options", () => {
  assert.deepEqual(parse("status", "-v"), {
    conf: "/etc/fail2ban",
    overrides: {},
    processName: "fail2ban-server",
    dump: "no",
    test: false,
    strict: false,
    json: false,
    interactive: false,
    verbosity: 1,
    force: false,
    background: true,
    async: false,
    timeoutSeconds: 30,
    command: ["status", "-v"],
  });
});

test("with all of them", () => {
  const args =
    "-c /c -s /s -p /p --pname n --loglevel L --logtarget T --syslogsocket S -d --dp -t -i -vvq -x -f";
  assert.deepEqual(parse(...args.split(" "), "--async", "--timeout", "5", "x"), {
    conf: "/c",
    overrides: { socket: "/s", pidfile: "/p", loglevel: "L", logtarget: "T", syslogsocket: "S" },
    processName: "n",
    dump: "pretty",
    test: true,
    strict: false,
    json: false,
    interactive: true,
    verbosity: 2,
    force: true,
    background: false,
    async: true,
    timeoutSeconds: 5,
    command: ["x"],
  });
});

test("some options act at once, in their order", () => {
  assert.deepEqual(parse("-V", "-h"), { kind: "short-version" });
  assert.deepEqual(parse("-v", "-h", "-V"), { kind: "usage" });
  assert.deepEqual(parse("--version"), { kind: "version" });
  assert.deepEqual(parse("--str2sec", "1h", "--timeout", "bad"), { kind: "seconds", text: "1h" });
  assert.throws(() => parse("--timeout", "bad", "-V"), /bad time/);
});

test("options that the reference does not have", () => {
  const options = parseOptions(["-t", "--strict", "--json"], Number);
  assert("strict" in options && options.strict && options.json);
  assert.deepEqual(parseOptions(["--st", "1"], Number), { kind: "seconds", text: "1" });
  assert.throws(() => parseOptions(["--jso"], Number), /option --jso not recognized/);
});
