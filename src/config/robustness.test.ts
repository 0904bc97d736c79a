import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError } from "./config-error.ts";
import { dump, dumpPretty } from "./dump.ts";
import { memoryFiles } from "./memory-files.ts";
import { readConfiguration } from "./read.ts";
import { ConfigTree } from "./tree.ts";

type Content = Record<string, string | Uint8Array>;

const TREE: Record<string, string> = {
  "/etc/fail2ban.conf": "[Definition]\nloglevel = INFO\ndbmaxmatches = 10\n[Thread]\nstacksize = 0\n",
  "/etc/jail.conf":
    '[INCLUDES]\nbefore = paths.conf\n[DEFAULT]\nbantime = 10m\nport = 1\naction_ = fw[port="%(port)s", name=%(__name__)s]\naction = %(action_)s\n' +
    "[j]\nenabled = true\nfilter = f[mode=x]\nlogpath = %(log)s\nmaxretry = 3\nfailregex = %(known/failregex)s\n  ^b <HOST>\n[k]\nenabled = on\nfilter = f\nlogpath=/log/*\n",
  "/etc/jail.local": "[j]\nbantime = %(known/bantime)s\n",
  "/etc/paths.conf": "[DEFAULT]\nlog = /log/a\n",
  "/etc/filter.d/f.conf":
    "[INCLUDES]\nbefore = common.conf\n[Definition]\nfailregex = <re-<mode>> %(_pre)s <HOST>\nre-x = X<known/mode>\nre-y = Y\njournalmatch = A=1 + B='2 3'\n[Init]\nmode = y\n",
  "/etc/filter.d/common.conf": "[DEFAULT]\n_pre = <x>\n",
  "/etc/filter.d/common.local": "[Definition]\nmaxlines = 2\n",
  "/etc/action.d/fw.conf":
    "[Definition]\nactionban = <tool> <port> <ip>\nnorestored = 1\n[Init]\ntool = t4\n[Init?family=inet6]\ntool = t6\n",
  "/log/a": "",
};

function commandsOf(content: Content): PyValue[][] {
  const tree = new ConfigTree("/etc", new LogHub(() => {}), memoryFiles(content));
  return readConfiguration(tree, { version: "1" }).commands;
}

function read(content: Content): string {
  const commands = commandsOf(content);
  return dump(commands) + dumpPretty(commands);
}

/** Reading either works or is refused with a message in one piece. */
function survives(content: Content): void {
  try {
    read(content);
  } catch (error) {
    assert(error instanceof ConfigError, String(error instanceof Error ? error.stack : error));
    assert.notEqual(error.message, "");
  }
}

test("the tree that the others are made from can be read", () => {
  assert.match(read(TREE), /^\['multi-set', 'j', 'addfailregex', \['Xy <x> <HOST>', '\^b <HOST>'\]\]$/m);
});

test("mutated trees", () => {
  const paths = Object.keys(TREE).filter((path) => path !== "/log/a");
  const snippet = fc.constantFrom(
    "%",
    "%(",
    "%(x)s",
    "<",
    "<mode>",
    "[",
    "]",
    "\n[",
    "\n",
    "\n ",
    "=",
    ";",
    " #",
    "\0",
    "\ufeff",
    '"',
    "'",
    "known/",
    "[INCLUDES]\nbefore=../etc/jail.conf\n",
    "[INCLUDES]\nafter=f.conf\n",
    "<known/failregex>",
    "*",
    "../",
    "\r",
    "%(known/a)s",
    "\\",
  );
  const edit = fc.record({
    path: fc.constantFrom(...paths),
    at: fc.nat(400),
    cut: fc.nat(6),
    insert: snippet,
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const content: Record<string, string> = { ...TREE };
      for (const { path, at, cut, insert } of edits) {
        const text = content[path] ?? "";
        const start = at % (text.length + 1);
        content[path] = text.slice(0, start) + insert + text.slice(start + cut);
      }
      survives(content);
    }),
    { numRuns: 1500 },
  );
});

test("any bytes in any file", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(TREE)), fc.uint8Array({ maxLength: 80 }), (path, bytes) => {
      survives({ ...TREE, [path]: bytes });
    }),
    { numRuns: 400 },
  );
});

test("missing files", () => {
  for (const path of Object.keys(TREE))
    survives(Object.fromEntries(Object.entries(TREE).filter(([p]) => p !== path)));
});

test("a folder in the place of a file makes the reading fail", () => {
  const { "/etc/jail.local": _, ...others } = TREE;
  assert.throws(() => read({ ...others, "/etc/jail.local/x": "" }), {
    message: "Read jails configuration failed.",
  });
});

test("include loops", () => {
  const loops: Record<string, string>[] = [
    { "/etc/paths.conf": "[INCLUDES]\nbefore = ./paths.conf\n[DEFAULT]\nlog = /log/a\n" },
    { "/etc/paths.local": "[INCLUDES]\nbefore = paths.conf\n" },
    { "/etc/jail.local": "[INCLUDES]\nbefore = jail.conf\n" },
  ];
  for (const loop of loops) assert.throws(() => read({ ...TREE, ...loop }), /^ConfigError: Include loop: /);
  read({
    ...TREE,
    "/etc/paths.conf": "[INCLUDES]\nbefore = paths.conf jail.conf\n[DEFAULT]\nlog = /log/a\n",
  });
});

test("a value of 10 MB goes through", () => {
  const long = "x".repeat(10_000_000);
  const jail = `${TREE["/etc/jail.conf"]}ignoreip = ${long}\nbantime = ${"9".repeat(1000)}\n`;
  const commands = commandsOf({ ...TREE, "/etc/jail.conf": jail });
  assert(commands.some(([, , command, value]) => command === "addignoreip" && value === long));
});
