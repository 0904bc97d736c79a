import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readConfiguration } from "../src/config/read.ts";
import { ActionProperties } from "../src/enforce/action-properties.ts";
import { CommandTexts } from "../src/enforce/command-texts.ts";
import { firewallStatement } from "../src/enforce/firewall-statement.ts";
import { LogHub } from "../src/log/logger.ts";
import type { PyValue } from "../src/pyvalue/value.ts";
import { ManualClock } from "../src/time/clock.ts";
import { parseDuration } from "../src/time/duration.ts";
import { changedTree } from "./changed-tree.ts";
import { NEWER_REFERENCE } from "./reference.ts";

/** The firewall actions of Debian 13's stock tree are understood, so that thousands of bans take one transaction. */

const TREE = NEWER_REFERENCE.tree() ?? "";

/** The commands of the only action of a jail whose `banaction` is this. */
function commandsOf(banAction: string): CommandTexts {
  const local = `[sshd]\nenabled = true\nbackend = polling\nlogpath = /dev/null\nbanaction = ${banAction}\n`;
  const tree = changedTree(TREE, { "jail.local": local }, new LogHub(() => {}));
  const { commands } = readConfiguration(tree, { version: NEWER_REFERENCE.release });
  const [options] = commands.filter(([verb, , what]) => verb === "multi-set" && what === "action");
  const properties = new ActionProperties((text) => parseDuration(text).seconds);
  for (const [name, value] of options![4] as unknown as [string, PyValue][]) properties.set(name, value);
  return new CommandTexts(properties, {
    jail: {
      name: "sshd",
      bantime: () => 600,
      banned: () => 1,
      bannedTotal: () => 1,
      found: () => 1,
      foundTotal: () => 1,
    },
    clock: new ManualClock(0),
    hostName: () => "host",
  });
}

const ACTIONS = {
  nft: ["nftables", "nftables[type=allports]", "nftables-multiport", "nftables-allports"],
  iptables: ["iptables", "iptables-multiport", "iptables-allports", "iptables-new", "iptables-multiport-log"],
  ipset: [
    "iptables-ipset",
    "iptables-ipset[type=allports]",
    "iptables-ipset-proto6",
    "iptables-ipset-proto6-allports",
    "shorewall-ipset-proto6",
    "firewallcmd-ipset",
  ],
};

describe("bans and unbans are transactions", {
  skip: NEWER_REFERENCE.tree() ? false : NEWER_REFERENCE.skip(),
}, () => {
  for (const [language, actions] of Object.entries(ACTIONS)) {
    for (const action of actions) {
      test(action, async () => {
        const texts = commandsOf(action);
        for (const [family, ip] of [
          ["inet4", "192.0.2.7"],
          ["inet6", "2001:db8::7"],
        ] as const) {
          for (const option of ["actionban", "actionunban"]) {
            const values = new Map([
              ["ip", ip],
              ["bantime", "600"],
              ["ipset-timeout", "600"],
            ]);
            const command = await texts.template(option, family).render({ value: (tag) => values.get(tag) });
            const statement = firewallStatement(command);
            assert.equal(statement?.language, language, `${option}: ${command.script}`);
            assert.match(`${statement.head} ${statement.element}`, new RegExp(`\\b${ip}\\b`));
          }
        }
      });
    }
  }
});
