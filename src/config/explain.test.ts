import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { type ExplainedOption, explainJail } from "./explain.ts";
import { memoryFiles } from "./memory-files.ts";
import { ConfigTree } from "./tree.ts";

const FILES = {
  "/etc/jail.conf": "[DEFAULT]\nbantime = 10m\n[j]\nfilter = f[mode=x]\nfindtime = %(gone)s\n",
  "/etc/jail.local": "[j]\nbantime = 1h\nignoreregex = %(known/ignoreregex)s\n  b\n",
  "/etc/filter.d/f.conf":
    "[Definition]\nfailregex = ^<mode> <HOST>$\nignoreregex = a\n[Init]\nmode = y\nmaxlines = 2\n",
  "/etc/filter.d/f.local": "[Definition]\nfailregex = ^<mode>: <HOST>$\n",
};

function explain(option: string): ExplainedOption | undefined {
  const tree = new ConfigTree("/etc", new LogHub(() => {}), memoryFiles(FILES));
  return explainJail(tree, "j", "1").find((explained) => explained.option === option);
}

test("an option of the jail is explained by all places that set it", () => {
  assert.deepEqual(explain("bantime"), {
    option: "bantime",
    value: "1h",
    sources: [
      { file: "/etc/jail.local", line: 2, section: "j", raw: "1h" },
      { file: "/etc/jail.conf", line: 2, section: "DEFAULT", raw: "10m" },
    ],
  });
});

test("an option of the filter is explained by the filter's files, parameters are in force", () => {
  assert.deepEqual(explain("failregex"), {
    option: "failregex",
    value: "^x: <HOST>$",
    sources: [
      { file: "/etc/filter.d/f.local", line: 2, section: "Definition", raw: "^<mode>: <HOST>$" },
      { file: "/etc/filter.d/f.conf", line: 2, section: "Definition", raw: "^<mode> <HOST>$" },
    ],
  });
  assert.equal(explain("maxlines")?.value, "2");
});

test("values of the filter within those of the jail", () => {
  const explained = explain("ignoreregex");
  assert.equal(explained?.value, "a\nb");
  assert.deepEqual(
    explained?.sources.map(({ file, line }) => [file, line]),
    [
      ["/etc/jail.local", 3],
      ["/etc/filter.d/f.conf", 3],
    ],
  );
});

test("a reference that cannot be resolved is told, defaults of the server have no source", () => {
  assert.match(explain("findtime")?.error ?? "", /^Bad value substitution/);
  assert.deepEqual(explain("maxretry"), { option: "maxretry", value: "3", sources: [] });
});

test("an unknown jail cannot be explained", () => {
  const tree = new ConfigTree("/etc", new LogHub(() => {}), memoryFiles(FILES));
  assert.throws(() => explainJail(tree, "k", "1"), { message: "No section: 'k'" });
});
