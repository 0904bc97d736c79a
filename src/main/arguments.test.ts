import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { programArguments } from "./arguments.ts";

test("ordinary arguments pass as they are", () => {
  const args = ["get", "sshd", "grüß €"];
  assert.equal(programArguments(args), args);
});

test("bytes that are no UTF-8 become surrogates", {
  skip: process.platform !== "linux" && "needs /proc",
}, () => {
  const module = JSON.stringify(`${import.meta.dirname}/arguments.ts`);
  const code = `import(${module}).then(({ programArguments: a }) => console.log(JSON.stringify(a(process.argv.slice(1)))))`;
  const script = `"$0" -e "$1" -- "$(printf 'a\\377b\\303\\251\\303')" "" plain`;
  const { stdout } = spawnSync("sh", ["-c", script, process.execPath, code], { encoding: "utf8" });
  assert.deepEqual(JSON.parse(stdout), ["a\udcffbé\udcc3", "", "plain"]);
});
