import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { LogHub } from "../log/logger.ts";
import { Identifier } from "../net/identifier.ts";
import { PyError } from "../pyvalue/value.ts";
import { ManualClock } from "../time/clock.ts";
import type { BanInfo } from "./ban-info.ts";
import { loadModule } from "./load-module.ts";

const folder = mkdtempSync(join(tmpdir(), "enforce-"));
after(() => rmSync(folder, { recursive: true }));

const COMPLETE = `
export class Action {
  norestored = true;
  seen = [];
  _secret = 1;
  constructor(jail, name, options, tools) {
    if (!options.dest) throw new Error("option dest is missing");
    this.dest = options.dest; this.jailName = jail.name; this.host = tools.hostName;
  }
  start() { this.seen.push("start"); }
  async stop() { this.seen.push("stop"); }
  async ban(info) { this.seen.push("ban " + (await info.value("ip"))); }
  unban(info) { throw new Error("cannot unban " + info.id); }
  reload(options) { this.dest = options.dest; }
  add({ a, b }) { return a + b; }
}`;

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const clock = new ManualClock(0);

function load(path: string, options: Record<string, unknown> = { dest: "root" }) {
  const jail = {
    name: "sshd",
    bantime: () => 1,
    banned: () => 0,
    bannedTotal: () => 0,
    found: () => 0,
    foundTotal: () => 0,
  };
  const tools = {
    logger: new LogHub(() => {}).logger("Action"),
    clock,
    hostName: "host",
  };
  return loadModule({ path, name: "mod", jail, options, tools });
}

const INFO: BanInfo = {
  id: Identifier.parse("192.0.2.1"),
  family: "inet4",
  restored: false,
  value: async (tag) => (tag === "ip" ? "192.0.2.1" : undefined),
};

describe("loadModule", () => {
  it("makes an action of a JavaScript module", async () => {
    const action = await load(file("complete.js", COMPLETE));
    await action.start();
    await action.ban(INFO);
    await action.reban(INFO);
    await action.prolong(INFO);
    await assert.rejects(action.unban(INFO), /cannot unban 192\.0\.2\.1/);
    await action.stop();
    assert.deepEqual(action.get("seen"), ["start", "ban 192.0.2.1", "ban 192.0.2.1", "stop"]);
    assert.deepEqual(
      [action.norestored, action.flushes, action.checkable, action.prolongable],
      [true, false, false, false],
    );
  });

  it("shows attributes and methods, and calls them", async () => {
    const action = await load(file("complete.js", COMPLETE));
    assert.deepEqual(action.propertyNames, ["dest", "host", "jailName", "norestored", "seen"]);
    assert.deepEqual(action.methodNames, ["add", "ban", "reload", "start", "stop", "unban"]);
    assert.equal(await action.call("add", { a: 1, b: 2 }), 3);
    action.set("dest", "admin");
    assert.equal(action.get("dest"), "admin");
    assert.throws(() => action.get("_secret"), { className: "AttributeError" });
    await assert.rejects(action.call("nosuch", {}), { className: "AttributeError" });
    action.setOptions({ dest: "new" });
    await action.reload();
    assert.equal(action.get("dest"), "new");
  });

  it("loads TypeScript, and a changed file anew", async () => {
    const source = (value: number) =>
      `export class Action { readonly version: number = ${value}; start() {} stop() {} ban() {} unban() {} }`;
    const path = file("typed.ts", source(1));
    assert.equal((await load(path)).get("version"), 1);
    file("typed.ts", `${source(22)}\n`);
    assert.equal((await load(path)).get("version"), 22);
  });

  it("takes a JavaScript module in place of a Python script of that name", async () => {
    file("both.py", "class Action: pass");
    file("both.mjs", COMPLETE);
    assert.equal((await load(join(folder, "both.py"))).get("jailName"), "sshd");
  });

  it("does not wait for ever", async () => {
    const path = file(
      "slow.js",
      "export class Action { timeout = 5; start() {} stop() { return new Promise(() => {}); } ban() {} unban() {} }",
    );
    const action = await load(path);
    const stopping = action.stop();
    clock.advance(5);
    await assert.rejects(stopping, { className: "RuntimeError", message: "no end after 5 seconds" });
    await action.start();
    assert.equal(clock.pending, 0);
  });

  it("says what is wrong with a module", async () => {
    await assert.rejects(load(join(folder, "none.py")), (error) => {
      assert.ok(error instanceof PyError);
      assert.equal(error.className, "FileNotFoundError");
      assert.deepEqual(error.args, [2, "No such file or directory", join(folder, "none.py")]);
      return true;
    });
    await assert.rejects(
      load(file("lone.py", "")),
      /actions written in Python cannot be run; write lone\.js/,
    );
    await assert.rejects(
      load(file("empty.js", "export const x = 1;")),
      /module does not have 'Action' class/,
    );
    await assert.rejects(
      load(file("half.js", "export class Action { start() {} ban() {} }")),
      /required methods: stop\b/,
    );
    await assert.rejects(load(file("broken.js", "export class {")), /broken\.js: SyntaxError/);
    await assert.rejects(load(file("complete.js", COMPLETE), {}), /option dest is missing/);
  });
});
