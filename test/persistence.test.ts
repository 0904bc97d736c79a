import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { failedLogin, isolated, ROOT, until } from "./instance.ts";
import { skipWithoutNamespace } from "./namespace.ts";

const skip = skipWithoutNamespace("nft");

test("after a crash bans are enforced again and no line is counted twice", { skip }, async (t) => {
  const { instance, namespace } = isolated(t, {
    tree: join(ROOT, "config"),
    files: {
      "jail.local":
        "[DEFAULT]\nbanaction = nftables-multiport\nbantime = 1h\nmaxretry = 3\n" +
        "[sshd]\nenabled = true\nbackend = auto\nlogpath = {DIR}/auth.log\n",
    },
  });
  instance.write("auth.log", "");
  instance.start();
  instance.append("auth.log", failedLogin("192.0.2.7").repeat(3) + failedLogin("192.0.2.8"));
  await until(() => namespace.nftRuleset().includes("192.0.2.7"), "the ban is enforced");
  // Positions are written with the bans; the line behind them is on its way too.
  await until(
    () => instance.client("status", "sshd").includes("Currently failed:\t1"),
    "all lines are counted",
  );
  await instance.kill();
  namespace.run("nft", "flush", "ruleset");

  instance.start();
  await until(() => namespace.nftRuleset().includes("192.0.2.7"), "the ban is enforced again");
  const status = instance.client("status", "sshd");
  assert.match(status, /Currently banned:\t1\n/);
  assert.match(status, /Total failed:\t0\n/, "no line is read twice");
  assert.match(instance.read("fail2ban.log"), /NOTICE {2}\[sshd\] Restore Ban 192\.0\.2\.7\n/);

  instance.client("unban", "--all");
  instance.client("restart");
  assert.match(instance.client("status", "sshd"), /Currently banned:\t0\n/);
});
