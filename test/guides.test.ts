import assert from "node:assert/strict";
import { test } from "node:test";
import { failedLogin, Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { referenceTree, skipWithoutReference } from "./reference.ts";

/** Jails as the guides that our users follow describe them, added to the unmodified stock configuration. */

const FILES = {
  "filter.d/jellyfin.conf":
    '[Definition]\nfailregex = ^.*Authentication request for .* has been denied \\(IP: "<ADDR>"\\)\\.\n',
  "filter.d/caddy-404.conf": '[Definition]\nfailregex = ^ <HOST> \\- \\- \\".+\\" 404 \\d+$\n',
  "filter.d/postfix-custom.conf":
    "[Definition]\nfailregex = lost connection after AUTH from (.*)\\[<HOST>\\]\nignoreregex =\n",
  "jail.local": `[DEFAULT]
bantime = 1h

[sshd]
enabled = true
backend = auto
logpath = {DIR}/auth.log

[jellyfin]
backend = auto
enabled = true
port = 80,443
protocol = tcp
filter = jellyfin
maxretry = 3
bantime = 86400
findtime = 43200
logpath = {DIR}/jellyfin*.log

[caddy-404]
enabled = true
port = http,https
filter = caddy-404
logpath = {DIR}/caddy.log
bantime = 1440m
maxretry = 50
findtime = 30

[recidive]
enabled = true
logpath = {DIR}/fail2ban.log
banaction = iptables-allports[blocktype=DROP]
bantime = 100y
findtime = 1d
maxretry = 1

[postfix-custom]
enabled = true
filter = postfix-custom
action = iptables-multiport[name=postfix, port="http,https,smtp,submission", protocol=tcp]
logpath = {DIR}/mail.log
maxretry = 2
`,
};

/** `2026-11-21 10:11:12` in local time. */
function isoNow(separator = "-"): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, "0");
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join(separator);
  return `${date} ${now.toTimeString().slice(0, 8)}`;
}

const skip = skipWithoutReference() || skipWithoutNamespace("iptables");

test("jails of the guides find their attackers and ban them", { skip }, async (t) => {
  const namespace = new Namespace();
  const instance = new Instance({ flavor: "ours", tree: referenceTree()!, namespace, files: FILES });
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
  });
  for (const log of ["auth.log", "jellyfin20261121.log", "caddy.log", "mail.log", "fail2ban.log"]) {
    instance.write(log, "");
  }
  instance.start();
  const status = instance.client("status");
  assert.equal(
    status,
    "Status\n|- Number of jail:\t5\n`- Jail list:\tcaddy-404, jellyfin, postfix-custom, recidive, sshd\n",
  );

  const banned = (jail: string) => instance.client("get", jail, "banip").trim();
  const caddy = () => `${isoNow("/")} 40.76.199.116 - - "GET /xmlrpc.php?rsd HTTP/1.1" 404 49330\n`;
  instance.append("caddy.log", caddy().repeat(49));
  await until(() => instance.client("status", "caddy-404").includes("Total failed:\t49\n"), "49 are counted");
  assert.equal(banned("caddy-404"), "", "49 failures of 50");
  instance.append("caddy.log", caddy());
  await until(() => banned("caddy-404") === "40.76.199.116", "caddy-404 bans at the 50th");

  instance.append("auth.log", failedLogin("192.0.2.11").repeat(5));
  instance.append(
    "jellyfin20261121.log",
    `[${isoNow()}.123 +00:00] [INF] [42] Jellyfin.Server.Implementations.Users.UserManager: Authentication request for "bob" has been denied (IP: "192.0.2.12").\n`.repeat(
      3,
    ),
  );
  instance.append(
    "mail.log",
    `${failedLogin("x").slice(0, 16)}mx postfix/smtpd[77]: lost connection after AUTH from unknown[192.0.2.14]\n`.repeat(
      2,
    ),
  );
  await until(() => banned("sshd") === "192.0.2.11", "sshd bans");
  await until(() => banned("jellyfin") === "192.0.2.12", "jellyfin bans");
  await until(() => banned("postfix-custom") === "192.0.2.14", "postfix-custom bans");

  const all = ["192.0.2.11", "192.0.2.12", "192.0.2.14", "40.76.199.116"];
  const recidive = () => banned("recidive").split(" ").sort();
  await until(() => recidive().length === 4, "recidive bans everybody who was banned elsewhere");
  assert.deepEqual(recidive(), all);

  await until(
    () => all.every((ip) => namespace.iptablesRules().includes(`-A f2b-recidive -s ${ip}/32 -j DROP`)),
    "DROP rules",
  );
  const rules = namespace.iptablesRules();
  assert.match(rules, /-A INPUT -p tcp -m multiport --dports 80,443,25,587 -j f2b-postfix/);
  assert.match(rules, /-A f2b-postfix -s 192\.0\.2\.14\/32 -j REJECT/);
  const ends = instance.client("get", "recidive", "banip", "--with-time");
  assert.match(ends, /^192\.0\.2\.11 \t\S+ \S+ \+ 3155760000 = 2126-/m);
});
