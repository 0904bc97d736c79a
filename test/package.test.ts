import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Instance, ROOT, until } from "./instance.ts";
import { installPackage } from "./package.ts";

const folder = mkdtempSync(join(tmpdir(), "fail2ban-ts-package-"));
const bin = installPackage(folder);
after(() => rmSync(folder, { recursive: true, force: true }));
const JAIL =
  "[x]\nenabled = true\nfilter =\nbackend = polling\naction = dummy\nlogpath = {DIR}/x.log\nfailregex = ^bad <HOST>\n";

/** An instance whose programs are those of the package. */
function instance(t: { after: (step: () => Promise<void>) => void }): Instance {
  process.env["FAIL2BAN_TS_BIN"] = bin;
  const made = new Instance({ flavor: "ours", tree: join(ROOT, "config"), files: { "jail.local": JAIL } });
  t.after(() => made.dispose());
  made.write("x.log", "");
  return made;
}

test("the installed programs print what those of the sources print", (t) => {
  const own = instance(t);
  for (const args of [
    ["-V"],
    ["-h"],
    ["-c", own.path("etc"), "-d"],
    ["-c", own.path("etc"), "-t"],
    ["--nonsense"],
  ]) {
    const built = spawnSync(join(bin, "fail2ban-client"), args, { encoding: "utf8" });
    const source = spawnSync(join(ROOT, "bin/fail2ban-client"), args, { encoding: "utf8" });
    assert.deepEqual([built.status, built.stdout], [source.status, source.stdout], args.join(" "));
  }
});

test("the installed server serves, bans and stops", async (t) => {
  const own = instance(t);
  own.start();
  assert.equal(own.client("ping"), "Server replied: pong\n");
  assert.equal(own.client("set", "x", "banip", "192.0.2.1"), "1\n");
  await until(() => own.read("fail2ban.log").includes("[x] Ban 192.0.2.1"), "the ban is logged");
  assert.match(own.client("status", "x"), /Banned IP list:\t192\.0\.2\.1/);
  own.client("reload");
  assert.match(own.client("status", "x"), /Banned IP list:\t192\.0\.2\.1/);
});

test("the installed regex tester reads a log, also with several threads", (t) => {
  const own = instance(t);
  own.write("x.log", "bad 192.0.2.1\ngood\n".repeat(20_000));
  const outputs = [[], ["-j", "2"]].map((args) => {
    const run = own.run("fail2ban-regex", ...args, own.path("x.log"), "^bad <HOST>");
    assert.match(run.stdout, /Lines: 40000 lines, 0 ignored, 20000 matched, 20000 missed/);
    return run.stdout.replace(/processed in .*/, "");
  });
  assert.equal(outputs[0], outputs[1]);
});

test("a tree that changes is read anew, one that does not prints the same", (t) => {
  const own = instance(t);
  const dump = () => own.client("-d");
  const before = dump();
  assert.equal(dump(), before);
  own.write("etc/jail.local", JAIL.replace("enabled = true", "enabled = true\nmaxretry = 17"));
  assert.match(dump(), /\['set', 'x', 'maxretry', 17\]/);
  own.write("etc/jail.local", JAIL);
  utimesSync(own.path("etc/jail.local"), 1000, 1000);
  assert.equal(dump(), before);
});

test("pyregex is usable alone", () => {
  const program = `import { compile } from "${join(folder, "dist/pyregex/compile.mjs")}"; console.log(typeof compile);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  assert.equal(run.stdout, "function\n", run.stderr);
});
