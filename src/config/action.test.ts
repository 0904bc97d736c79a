import assert from "node:assert/strict";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { actionCommands } from "./action.ts";
import { memoryFiles } from "./memory-files.ts";
import { ConfigTree } from "./tree.ts";

function commands(name: string, parameters: Record<string, string>) {
  const tree = new ConfigTree("/etc/f2b/", new LogHub(() => {}), memoryFiles({ "/etc/f2b/jail.conf": "" }));
  const jailOptions = new Map([["bantime", "600"]]);
  return actionCommands(tree, {
    jail: "j",
    name,
    parameters: new Map(Object.entries(parameters)),
    jailOptions,
  });
}

test("modules get their path and their parameters as JSON, whatever their language", () => {
  for (const ending of ["py", "js", "mjs", "ts"]) {
    const path = `/etc/f2b/action.d/mine.${ending}`;
    const json = '{"key": "a \\"b\\"", "other": "\\u00fc<ip>"}';
    assert.deepEqual(commands(`mine.${ending}`, { key: 'a "b"', other: "ü<ip>" }), [
      ["set", "j", "addaction", "mine", path, json],
    ]);
    assert.deepEqual(commands(`mine.${ending}`, { actname: "two" }), [
      ["set", "j", "addaction", "two", path, "{}"],
    ]);
  }
});

test("a name without such an ending stands for files", () => {
  assert.equal(commands("mine.css", {}), undefined);
});
