import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { findFilterSource } from "./filter-source.ts";

const config = mkdtempSync(join(tmpdir(), "fail2ban-regex-"));
after(() => rmSync(config, { recursive: true }));
mkdirSync(join(config, "filter.d"));
writeFileSync(
  join(config, "jail.conf"),
  "[DEFAULT]\n[disk]\nbackend = polling\nfilter = f\n[journal]\nbackend = systemd\nfilter = f\n",
);
writeFileSync(join(config, "filter.d/f.conf"), "[Definition]\nfailregex = <logtype> <backend> <HOST>\n");

const find = (argument: string, backend?: string, verbosity = 0) =>
  findFilterSource(argument, {
    config,
    verbosity,
    hub: new LogHub(() => {}),
    ...(backend === undefined ? {} : { backend }),
  });

test("the log that is tested decides how a jail's filter understands lines, not where the jail reads", () => {
  for (const jail of ["disk", "journal"]) {
    assert.deepEqual(find(jail)?.definition.failregex, ["file auto <HOST>"]);
    assert.deepEqual(find(jail, "systemd")?.definition.failregex, ["journal systemd <HOST>"]);
  }
});

test("which options are in force is told of jails, too", () => {
  assert.deepEqual(find('journal[a=1, b="x y"]', "auto", 2)?.announcement, [
    "Use             jail : journal",
    "Use jail/flt options : {'a': '1', 'b': 'x y'}",
    "Real  filter options : {'logtype': 'file', 'a': '1', 'b': 'x y', 'backend': 'auto'}",
  ]);
});
