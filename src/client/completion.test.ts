import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { printCompletion, vocabulary } from "./completion.ts";
import type { ClientContext } from "./context.ts";

function scriptFor(shell: string): string {
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  assert.equal(printCompletion({ print } as unknown as ClientContext, [shell]), true);
  return printed;
}

const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const without = (program: string) => (has(program) ? false : `${program} is not installed`);

test("the vocabulary is that of the table of commands", () => {
  const { first, settings, set, get } = vocabulary();
  for (const word of ["status", "set", "get", "ping", "unban", "history"])
    assert.ok(first.includes(word), word);
  assert.ok(settings.includes("loglevel"));
  assert.ok(set.includes("banip") && !set.includes("failregex"));
  assert.ok(get.includes("failregex") && !get.includes("unbanip"));
});

test("bash completes commands, options of jails, and the names of the jails that run", {
  skip: without("bash"),
}, (t) => {
  const dir = mkdtempSync(join(tmpdir(), "f2b-completion-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const client = join(dir, "fail2ban-client");
  const said = "Status\\n|- Number of jail:\\t2\\n`- Jail list:\\tsshd, web\\n";
  writeFileSync(client, `#!/bin/sh\nprintf '${said}'\n`);
  chmodSync(client, 0o755);
  const complete = (...words: string[]) => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const script = `${scriptFor("bash")}\nCOMP_WORDS=(fail2ban-client ${quoted})\nCOMP_CWORD=${words.length}\n_fail2ban_client\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { PATH: `${dir}:${process.env["PATH"]}` };
    const run = spawnSync("bash", ["--norc", "--noprofile", "-c", script], { env, encoding: "utf8" });
    assert.equal(run.stderr, "");
    return run.stdout.trim().split("\n");
  };
  assert.deepEqual(complete("sta"), ["start", "stats", "status"]);
  assert.deepEqual(complete("status", "s"), ["sshd"]);
  assert.deepEqual(complete("-c", "/x", "set", "w"), ["web"]);
  assert.deepEqual(complete("set", "sshd", "unb"), ["unbanip"]);
  assert.deepEqual(complete("get", "sshd", "failr"), ["failregex"]);
  assert.deepEqual(complete("--js"), ["--json"]);
});

for (const shell of ["bash", "zsh", "fish"]) {
  test(`${shell} can read its script`, { skip: without(shell) }, () => {
    const run = spawnSync(shell, ["-n"], { input: scriptFor(shell), encoding: "utf8" });
    assert.equal(run.stderr, "");
    assert.equal(run.status, 0);
  });
}
