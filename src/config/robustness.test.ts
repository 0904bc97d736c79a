import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { referenceTree } from "../../test/reference.ts";
import { LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError } from "./config-error.ts";
import { dump } from "./dump.ts";
import { memoryFiles } from "./memory-files.ts";
import { dumpPretty } from "./pretty.ts";
import { readConfiguration } from "./read.ts";
import { ConfigTree } from "./tree.ts";

/** Trees that are read in all; a share of them goes to each property. */
const INPUTS = Number(process.env["F2B_FUZZ_INPUTS"] ?? 20_000);

const share = (sixteenths: number): number => Math.ceil((INPUTS * sixteenths) / 16);

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
  fc.assert(
    fc.property(editsOf(paths, snippet), (edits) => survives(edited(TREE, edits))),
    { numRuns: share(8) },
  );
});

interface Edit {
  readonly path: string;
  readonly at: number;
  readonly cut: number;
  readonly insert: string;
}

function editsOf(paths: readonly string[], snippet: fc.Arbitrary<string>): fc.Arbitrary<Edit[]> {
  const edit = fc.record({
    path: fc.constantFrom(...paths),
    at: fc.nat(20_000),
    cut: fc.nat(6),
    insert: snippet,
  });
  return fc.array(edit, { minLength: 1, maxLength: 4 });
}

function edited(tree: Record<string, string>, edits: readonly Edit[]): Record<string, string> {
  const content = { ...tree };
  for (const { path, at, cut, insert } of edits) {
    const text = content[path] ?? "";
    const start = at % (text.length + 1);
    content[path] = text.slice(0, start) + insert + text.slice(start + cut);
  }
  return content;
}

const stock = referenceTree();

test("mutated stock files", {
  skip: stock === null && "the reference package is not unpacked (scripts/reference)",
}, () => {
  // Each jail alone, or the whole tree would be read thousands of times.
  const tree = stockTree(stock ?? "");
  const jails = [...(tree["/etc/jail.conf"] ?? "").matchAll(/^\[([a-z]\S*)\]$/gm)].map(
    ([, name]) => name ?? "",
  );
  const snippet = fc.constantFrom(
    "%",
    "%(x)s",
    "<x>",
    "<known/x>",
    "[",
    "\n",
    "\n ",
    "=",
    ";",
    '"',
    ",",
    "\0",
    "]\n",
    "\\",
  );
  const property = fc.property(
    fc.constantFrom(...jails),
    fc.infiniteStream(fc.nat()),
    snippet,
    (jail, numbers, insert) => {
      const next = () => numbers.next().value ?? 0;
      const path =
        [
          `/etc/filter.d/${jail}.conf`,
          "/etc/jail.conf",
          "/etc/filter.d/common.conf",
          "/etc/action.d/iptables.conf",
        ][next() % 4] ?? "";
      const edit = { path, at: next(), cut: next() % 6, insert };
      survives({
        ...edited(tree, tree[path] === undefined ? [] : [edit]),
        "/etc/jail.local": `[${jail}]\nenabled = true\nlogpath = /log/a\n`,
      });
    },
  );
  fc.assert(property, { numRuns: share(4) });
});

function stockTree(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:conf|local)$/.test(name),
  );
  const files = names
    .filter((name) => !name.startsWith("jail.d/"))
    .map((name) => [`/etc/${name}`, readFileSync(join(root, name), "utf8")]);
  return { ...Object.fromEntries(files), "/log/a": "" };
}

test("any bytes in any file", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(TREE)), fc.uint8Array({ maxLength: 80 }), (path, bytes) => {
      survives({ ...TREE, [path]: bytes });
    }),
    { numRuns: share(4) },
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
