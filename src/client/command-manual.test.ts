import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { commandsAsRoff } from "./command-manual.ts";

const MAN = resolve(import.meta.dirname, "../../man");

test("the manual page lists the commands of the client as they are", () => {
  const page = readFileSync(join(MAN, "fail2ban-client.1"), "utf8");
  const part = /(?<=\.\\" commands begin\n).*(?=\.\\" commands end\n)/s.exec(page)?.[0];
  assert.equal(part, commandsAsRoff(), "run scripts/man-commands.ts");
});

const groff = spawnSync("groff", ["--version"]).status === 0;

test("the manual pages are sound", { skip: groff ? false : "groff is not installed" }, () => {
  for (const page of readdirSync(MAN)) {
    const run = spawnSync("groff", ["-man", "-ww", "-Tutf8", "-z", join(MAN, page)], { encoding: "utf8" });
    assert.equal(run.stderr, "", page);
  }
});
