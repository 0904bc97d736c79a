import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Instance, ROOT, until } from "./instance.ts";
import { SmallDisk, skipWithoutMounts } from "./mounts.ts";

/** Names in a log, resolved by the system from a table of its own. */

test("a name of two addresses, of 500, of this machine, and of none", {
  skip: skipWithoutMounts(),
}, async (t) => {
  const path = mkdtempSync(join(tmpdir(), "f2b-names-"));
  const disk = await SmallDisk.mount(path, 1024);
  const many = Array.from({ length: 500 }, (_, i) => `10.9.${i >> 8}.${i & 255} many.example`);
  const hosts = [
    "127.0.0.1 localhost",
    "127.0.0.1 sly.example",
    "203.0.113.1 two.example",
    "2001:db8::1 two.example",
    ...many,
  ];
  disk.run(`cat > hosts <<'END'\n${hosts.join("\n")}\nEND\nmount --bind ${path}/hosts /etc/hosts`);
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    namespace: disk,
    files: {
      "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <HOST>$\n",
      "jail.local":
        "[DEFAULT]\nbackend = polling\nfilter = simple\naction =\nmaxretry = 2\nusedns = warn\n" +
        "[j]\nenabled = true\nlogpath = {DIR}/j.log\n",
    },
  });
  t.after(async () => {
    await instance.dispose();
    disk.release();
    rmSync(path, { recursive: true });
  });
  instance.write("j.log", "");
  instance.start();
  for (const name of ["two.example", "many.example", "sly.example", "none.invalid"]) {
    instance.append("j.log", `${new Date().toISOString()} failure from ${name}\n`.repeat(2));
  }
  const log = () => instance.read("fail2ban.log");
  for (const text of [
    "WARNING Unable to find a corresponding IP address for none.invalid",
    "WARNING [j] many.example has 500 addresses, more than 64: none of them is counted\n",
    "WARNING Determined IP using DNS Lookup: two.example = {'203.0.113.1', '2001:db8::1'}\n",
    "INFO    [j] Ignore 127.0.0.1 by ignoreself rule\n",
    "Ban 2001:db8::1\n",
  ]) {
    await until(() => log().includes(text), `the log says ${text}`);
  }
  assert.doesNotMatch(log(), /10\.9\./);
  const banned = instance.client("get", "j", "banip").trim().split(/\s+/).sort();
  assert.deepEqual(banned, ["2001:db8::1", "203.0.113.1"]);
});
