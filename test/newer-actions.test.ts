import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sendOnce } from "../src/control/testing.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Flavor, Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { NEWER_REFERENCE } from "./reference.ts";

/**
 * Mails, reports and firewalls that are not at hand: with stock actions of Debian 13 our server runs the programs that
 * the package's own server runs, with the same words and the same input.
 */

const ACTIONS = [
  "abuseipdb",
  "apprise",
  "cloudflare-token",
  "complain",
  "firewallcmd-rich-rules",
  "ipthreat",
  "mail-whois-lines",
  "pf",
  "sendmail-buffered",
  "sendmail-whois-lines",
  "shorewall",
  "ufw",
  "xarf-login-attack",
];

const PROGRAMS = "apprise curl dig firewall-cmd mail pfctl sendmail shorewall ufw whois".split(" ");

/** Notes in one go how it was called, and what a program for mails was told. */
const STUB = `#!/bin/sh
call=\${0##*/}
for word in "$@"; do call="$call [$word]"; done
case $call in mail*|sendmail*) call="$call
$(cat)";; esac
printf '%s\\n' "$call" >>"$CALLS"
`;

const PARAMETERS =
  "name=%(__name__)s, port=22, dest=root@mail.example, sender=f2b@mail.example, mailcmd=sendmail, lines=2, " +
  "logpath={DIR}/log, tmpfile={DIR}/buffer-%(__name__)s";

/** The last action of each jail tells how far the package's server is. */
const FILES = {
  "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <HOST>$\n",
  "action.d/told.conf":
    "[Definition]\nactionstart = echo told start >>$CALLS\nactionban = echo told ban <ip> >>$CALLS\n" +
    "actionunban = echo told unban <ip> >>$CALLS\nactionstop = echo told stop >>$CALLS\n",
  "jail.local": `[DEFAULT]\nfilter = simple\nbackend = polling\nlogpath = {DIR}/log\n${ACTIONS.map(
    (action) => `[${action}]\nenabled = true\naction = ${action}[${PARAMETERS}]\n  told\n`,
  ).join("")}`,
};

const skip = NEWER_REFERENCE.skip() || skipWithoutNamespace();

test("stock actions run the programs that Debian 13's package runs", { skip }, async (t) => {
  const stubs = mkdtempSync(join(tmpdir(), "f2b-stubs-"));
  t.after(() => rmSync(stubs, { recursive: true }));
  writeFileSync(join(stubs, "stub"), STUB);
  chmodSync(join(stubs, "stub"), 0o755);
  for (const program of PROGRAMS) symlinkSync("stub", join(stubs, program));
  const flavors: readonly Flavor[] = ["ours", "reference"];
  const servers = flavors.map((flavor) => start(flavor, stubs));
  t.after(() => Promise.all(servers.map((server) => server.dispose())));

  /** Has both servers do something, and waits until both have run the same. Returns what that was. */
  const step = async (told: string, times: number, ...command: string[]): Promise<string> => {
    if (command.length > 0) await Promise.all(servers.map((server) => server.send(...command)));
    const both = () => servers.map((server) => server.calls());
    const agree = () => {
      const [ours, theirs] = both();
      return ours!.join() === theirs!.join() && ours!.filter((call) => call.endsWith(told)).length === times;
    };
    await until(agree, told).catch(() => {});
    const [ours, theirs] = both();
    assert.deepEqual(ours, theirs, `${command.join(" ")} → ${told}`);
    assert.ok(agree(), `${command.join(" ")} → ${told}`);
    for (const server of servers) server.forget();
    return ours!.join("\n");
  };

  await step("told start", ACTIONS.length);
  for (const jail of ACTIONS) {
    const runs: string[] = [];
    for (const ip of ["192.0.2.7", "2001:db8::7"])
      runs.push(await step(`told ban ${ip}`, 1, "set", jail, "banip", ip));
    await step("told unban 192.0.2.7", 1, "set", jail, "unbanip", "192.0.2.7");
    runs.push(await step("told stop", 1, "stop", jail));
    assert.match(runs.join("\n"), new RegExp(`^(?:${PROGRAMS.join("|")})\\b`, "m"), `${jail} runs something`);
  }
});

function start(flavor: Flavor, stubs: string) {
  const namespace = new Namespace();
  const tree = NEWER_REFERENCE.tree()!;
  const instance = new Instance({ flavor, reference: NEWER_REFERENCE, tree, namespace, files: FILES });
  instance.write("log", " failure from 192.0.2.7\n failure from 192.0.2.77\n");
  const { PATH } = process.env;
  process.env["PATH"] = `${stubs}:${PATH}`;
  process.env["CALLS"] = instance.path("calls");
  instance.start();
  process.env["PATH"] = PATH;
  return {
    send: (...command: string[]) => sendOnce(instance.path("f2b.sock"), command, { clock: systemClock }),
    /** The lines that were noted, in order, free of what differs by nature. */
    calls: () =>
      instance
        .read("calls")
        .replaceAll(instance.dir, "{DIR}")
        .replaceAll(
          /\w{3},? .{2,6} (?:\d{4} )?\d\d:\d\d:\d\d (?:[+-]\d{4}|\w+ \d{4})|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/g,
          "{DATE}",
        )
        .replaceAll(/\b\d{10}(?:\.\d+)?\b/g, "{TIME}")
        .split("\n")
        .sort(),
    forget: () => instance.write("calls", ""),
    dispose: async () => {
      await instance.dispose();
      namespace.delete();
    },
  };
}
