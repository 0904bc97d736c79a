import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Flavor, failedLogin, Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { referenceTree, skipWithoutReference } from "./reference.ts";

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

async function live(t: TestContext, flavor: Flavor, action: string): Promise<Stages> {
  const namespace = new Namespace();
  const instance = new Instance({
    flavor,
    tree: referenceTree()!,
    namespace,
    files: {
      "jail.local":
        `[DEFAULT]\nbanaction = ${action}\nbackend = polling\nbantime = 1h\n` +
        "[sshd]\nenabled = true\nlogpath = {DIR}/auth.log\n",
    },
  });
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
  });
  instance.write("auth.log", "");
  const rules = () => (action.startsWith("nft") ? namespace.nftRuleset() : namespace.iptablesRules());
  instance.start();
  const started = rules();
  for (const ip of ATTACKERS) {
    instance.append("auth.log", failedLogin(ip).repeat(5));
    await until(() => rules().includes(ip), `${flavor}: ${ip} is in the firewall`);
  }
  const banned = rules();
  instance.client("set", "sshd", "unbanip", "192.0.2.7");
  const unbanned = rules();
  instance.client("stop");
  await until(() => !rules().includes("198.51.100.9"), `${flavor}: bans are lifted at stop`);
  return { started, banned, unbanned, stopped: rules() };
}

for (const action of ["nftables-multiport", "nftables-allports", "iptables-multiport", "iptables-allports"]) {
  const programs = action.startsWith("nft") ? ["nft"] : ["iptables", "ip6tables"];
  const skip = skipWithoutReference() || skipWithoutNamespace(...programs);
  test(`${action} leaves the same rules as the reference`, { skip }, async (t) => {
    const [ours, theirs] = await Promise.all([live(t, "ours", action), live(t, "reference", action)]);
    for (const ip of ATTACKERS) assert.ok(ours.banned.includes(ip), `${ip} is banned`);
    assert.ok(!ours.unbanned.includes("192.0.2.7"), "the lifted ban is gone");
    assert.deepEqual(ours, theirs);
  });
}
