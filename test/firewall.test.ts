import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Flavor, failedLogin, Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { NEWER_REFERENCE, REFERENCE, type Reference } from "./reference.ts";

/**
 * The stock actions, run by our server and by the reference on equal logs in two network namespaces, leave the
 * same rules at every stage of a ban's life.
 */

const ATTACKERS = ["192.0.2.7", "2001:db8::7", "198.51.100.9"];

interface Stages {
  started: string;
  banned: string;
  unbanned: string;
  stopped: string;
}

interface Life {
  readonly flavor: Flavor;
  readonly reference: Reference;
  readonly action: string;
}

async function live(t: TestContext, { flavor, reference, action }: Life): Promise<Stages> {
  const namespace = new Namespace();
  const instance = new Instance({
    flavor,
    reference,
    tree: reference.tree()!,
    namespace,
    files: {
      "jail.local":
        `[DEFAULT]\nbanaction = ${action}\nbantime = 1h\n` +
        "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\n",
    },
  });
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
  });
  instance.write("auth.log", "");
  const rules = () => rulesOf(namespace, action);
  instance.start();
  const started = rules();
  for (const ip of ATTACKERS) {
    instance.append("auth.log", failedLogin(ip).repeat(5));
    await until(() => rules().includes(ip), `${flavor}: ${ip} is in the firewall`);
  }
  const banned = rules();
  instance.client("set", "sshd", "unbanip", "192.0.2.7");
  const unbanned = rules();
  await instance.stop();
  return { started, banned, unbanned, stopped: rules() };
}

/** What stands in the part of the firewall that the action is for. */
function rulesOf(namespace: Namespace, action: string): string {
  if (action.startsWith("nft")) return namespace.nftRuleset();
  const rules = namespace.iptablesRules();
  return action.includes("ipset") ? `${namespace.ipsets()}${rules}` : rules;
}

/** Programs that an action uses. */
function programsOf(action: string): string[] {
  if (action.startsWith("nft")) return ["nft"];
  return ["iptables", "ip6tables", ...(action.includes("ipset") ? ["ipset"] : [])];
}

const ACTIONS = new Map([
  [REFERENCE, ["nftables-multiport", "nftables-allports", "iptables-multiport", "iptables-allports"]],
  [
    NEWER_REFERENCE,
    ["nftables", "nftables[type=allports]", "iptables-multiport", "iptables-ipset", "iptables-ipset-proto6"],
  ],
]);

// They wait most of the time.
describe("the same rules as the reference", { concurrency: 5 }, () => {
  for (const [reference, actions] of ACTIONS) {
    for (const action of actions) {
      const skip = reference.skip() || skipWithoutNamespace(...programsOf(action));
      test(`${action} of ${reference.release}`, { skip }, async (t) => {
        const flavors: readonly Flavor[] = ["ours", "reference"];
        const lives = flavors.map((flavor) => live(t, { flavor, reference, action }));
        const [ours, theirs] = await Promise.all(lives);
        for (const ip of ATTACKERS) assert.ok(ours!.banned.includes(ip), `${ip} is banned`);
        assert.ok(!ours!.unbanned.includes("192.0.2.7"), "the lifted ban is gone");
        assert.ok(!ours!.stopped.includes("f2b"), "nothing of ours is left");
        assert.deepEqual(ours, theirs);
      });
    }
  }
});
