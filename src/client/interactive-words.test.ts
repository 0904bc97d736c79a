import assert from "node:assert/strict";
import { test } from "node:test";
import { completeLine } from "./interactive-words.ts";

const complete = (line: string) => completeLine(line, ["sshd", "web"]);

test("commands, jails, options and flavors are completed where they can stand", () => {
  assert.deepEqual(complete("hist"), [["history "], "hist"]);
  assert.deepEqual(complete("ex"), [["explain ", "exit "], "ex"]);
  assert.deepEqual(complete("status s"), [["sshd "], "s"]);
  assert.deepEqual(complete("status --"), [["--all "], "--"]);
  assert.deepEqual(complete("set w"), [["web "], "w"]);
  assert.deepEqual(complete("get logl"), [["loglevel "], "logl"]);
  assert.deepEqual(complete("set  sshd unb"), [["unbanip "], "unb"]);
  assert.deepEqual(complete("status web cy"), [["cymru "], "cy"]);
  assert.deepEqual(complete("ping x"), [[], "x"]);
});
