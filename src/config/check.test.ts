import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { checkTree } from "./check.ts";
import { describePosition } from "./config-error.ts";
import { explainJail } from "./explain.ts";
import { memoryFiles } from "./memory-files.ts";
import { ConfigTree } from "./tree.ts";

const FILES = {
  "/etc/fail2ban.conf": "[Definition]\n",
  "/etc/jail.conf":
    "[DEFAULT]\nbantime = 10m\nport = 1\n[j]\nfilter = f\nlogpath = /log/a\naction = a[port=%(port)s]\n",
  "/etc/jail.local": "[j]\nenabled = true\nmaxretyr = 3\nbantime = 1h\nlogpath = /log/a\n  /log/none*\n",
  "/etc/filter.d/f.conf": "[Definition]\n_h = 1\nfailregexp = <_h> <HOST>\n",
  "/etc/action.d/a.conf": "[Definition]\nactionban = x\n",
  "/log/a": "",
};

function tree(files: Record<string, string>): ConfigTree {
  return new ConfigTree("/etc", new LogHub(() => {}), memoryFiles(files));
}

function found(files: Record<string, string>): string[] {
  return checkTree(tree(files), "1").map(({ severity, message, position }) => {
    return [severity, message, describePosition(position)].filter(Boolean).join(" | ");
  });
}

test("misspelled options and empty log paths are found with their place", () => {
  assert.deepEqual(found(FILES), [
    "warning | Unknown option 'maxretyr': did you mean 'maxretry'? | /etc/jail.local:3, [j] maxretyr",
    "warning | Log path '/log/none*' matches no file | /etc/jail.local:5, [j] logpath",
    "warning | Unknown option 'failregexp': did you mean 'failregex'? | /etc/filter.d/f.conf:3, [Definition] failregexp",
  ]);
});

test("what a start would complain about is found, too", () => {
  const { "/etc/action.d/a.conf": _, ...without } = FILES;
  assert(found(without).includes("error | Unable to read action 'a'"));
  const broken = { ...FILES, "/etc/jail.local": "[j]\nenabled = 1\nbantime = %(x)s\n" };
  assert.match(
    found(broken).join("\n"),
    /^error \| Bad value substitution: .* \| \/etc\/jail\.local:3, \[j\] bantime$/m,
  );
  assert.match(
    found({ ...FILES, "/etc/jail.local": "oops\n" }).join("\n"),
    /no section headers.*\/etc\/jail\.local:1$/s,
  );
});

test("an option is explained by all places that set it", () => {
  const explained = explainJail(tree(FILES), "j", "1").find(({ option }) => option === "bantime");
  assert.deepEqual(explained, {
    option: "bantime",
    value: "1h",
    sources: [
      { file: "/etc/jail.local", line: 4, section: "j", raw: "1h" },
      { file: "/etc/jail.conf", line: 2, section: "DEFAULT", raw: "10m" },
    ],
  });
});

test("an unknown jail cannot be explained", () => {
  assert.throws(() => explainJail(tree(FILES), "k", "1"), { message: "No section: 'k'" });
});
