import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Flavor, Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { skipWithoutReference } from "./reference.ts";
import { SHIPPED } from "./shipped-tree.ts";

/**
 * The shipped firewall actions, run in a network namespace by our server and by the reference: what stands in the
 * firewall while bans come and go.
 */

/** An instance with the given jails, started; nothing of it outlives the test. */
function started(t: TestContext, flavor: Flavor, jails: Readonly<Record<string, string>>) {
  const namespace = new Namespace();
  const sections = Object.entries(jails).map(
    ([name, action]) =>
      `[${name}]\nenabled = true\nbackend = polling\nlogpath = {DIR}/empty.log\naction = ${action}\n`,
  );
  const instance = new Instance({
    flavor,
    tree: SHIPPED,
    namespace,
    files: { "jail.local": `[DEFAULT]\nbantime = 1h\n${sections.join("")}` },
  });
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
  });
  instance.write("empty.log", "");
  instance.start();
  return { namespace, instance };
}

const FLAVORS: readonly Flavor[] = ["ours", "reference"];

for (const flavor of FLAVORS) {
  const foreign = flavor === "reference" ? skipWithoutReference() : false;

  describe(`nftables, run by ${flavor}`, { skip: foreign || skipWithoutNamespace("nft") }, () => {
    const shared = 'nftables[name=%(__name__)s, port="22,1000:2000"]';
    const everything = "nftables[name=%(__name__)s, type=allports, protocol=all, blocktype=drop]";

    test("keeps addresses in hash sets, networks in interval sets made when needed", async (t) => {
      const { namespace, instance } = started(t, flavor, { sshd: shared });
      const rules = () => namespace.nftRuleset();
      instance.client("set", "sshd", "banip", "192.0.2.7", "2001:db8::7");
      await until(() => rules().includes("2001:db8::7"), "both are banned");
      assert.match(
        rules(),
        /set addr-set-sshd \{\s+type ipv4_addr\s+flags timeout\s+elements = \{ 192\.0\.2\.7 \}/,
      );
      assert.match(
        rules(),
        /set addr6-set-sshd \{\s+type ipv6_addr\s+flags timeout\s+elements = \{ 2001:db8::7 \}/,
      );
      assert.match(rules(), /tcp dport \{ 22, 1000-2000 \} ip saddr @addr-set-sshd reject/);
      assert.match(rules(), /tcp dport \{ 22, 1000-2000 \} ip6 saddr @addr6-set-sshd reject/);
      assert.doesNotMatch(rules(), /interval/);

      instance.client("set", "sshd", "banip", "198.51.100.0/24");
      await until(() => rules().includes("198.51.100.0/24"), "the network is banned");
      assert.match(
        rules(),
        /set net-set-sshd \{\s+type ipv4_addr\s+flags interval,timeout\s+elements = \{ 198\.51\.100\.0\/24 \}/,
      );
      assert.match(rules(), /ip saddr @net-set-sshd reject/);

      instance.client("set", "sshd", "unbanip", "198.51.100.0/24", "192.0.2.7");
      await until(() => !/198\.51|192\.0/.test(rules()), "both bans are lifted");
      assert.match(rules(), /2001:db8::7/);
    });

    test("shares table and chain, takes away only its own", async (t) => {
      const { namespace, instance } = started(t, flavor, { sshd: shared, dovecot: everything });
      const rules = () => namespace.nftRuleset();
      for (const jail of ["sshd", "dovecot"]) instance.client("set", jail, "banip", "192.0.2.7");
      await until(() => rules().split("192.0.2.7").length === 3, "both jails have banned");
      assert.match(rules(), /\n\s+ip saddr @addr-set-dovecot drop/);
      namespace.run("nft", "add rule inet f2b-table f2b-chain tcp dport 99 drop");

      instance.client("stop", "dovecot");
      await until(() => !rules().includes("dovecot"), "dovecot is gone");
      assert.match(rules(), /@addr-set-sshd[\s\S]*dport 99/);
      instance.client("stop");
      await until(() => !rules().includes("sshd"), "sshd is gone");
      assert.match(rules(), /dport 99/);
    });

    test("leaves nothing behind", async (t) => {
      const { namespace, instance } = started(t, flavor, { sshd: shared, dovecot: everything });
      for (const jail of ["sshd", "dovecot"])
        instance.client("set", jail, "banip", "192.0.2.7", "198.51.100.0/24");
      await until(() => namespace.nftRuleset().split("198.51.100.0/24").length === 3, "all are banned");
      instance.client("stop");
      await until(() => namespace.nftRuleset().trim() === "", "the ruleset is empty");
    });

    test("comes back after somebody flushed the ruleset", async (t) => {
      const { namespace, instance } = started(t, flavor, { sshd: shared });
      instance.client("set", "sshd", "banip", "192.0.2.7");
      await until(() => namespace.nftRuleset().includes("192.0.2.7"), "it is banned");
      namespace.run("nft", "flush", "ruleset");
      instance.client("set", "sshd", "banip", "192.0.2.8");
      await until(() => namespace.nftRuleset().includes("192.0.2.8"), "the next one is banned");
      assert.match(namespace.nftRuleset(), /ip saddr @addr-set-sshd reject/);
    });

    test("clears away what a killed server left", async (t) => {
      const { namespace, instance } = started(t, flavor, { sshd: shared });
      namespace.run(
        "nft",
        "add table inet f2b-table; add chain inet f2b-table f2b-chain { type filter hook input priority -1; };" +
          "add set inet f2b-table addr-set-sshd { type ipv4_addr; flags interval; };" +
          "add element inet f2b-table addr-set-sshd { 203.0.113.9 };" +
          "add rule inet f2b-table f2b-chain tcp dport 22 ip saddr @addr-set-sshd drop",
      );
      instance.client("set", "sshd", "banip", "192.0.2.7");
      await until(() => namespace.nftRuleset().includes("192.0.2.7"), "it is banned");
      assert.doesNotMatch(namespace.nftRuleset(), /203\.0\.113\.9|interval|drop/);
    });

    test("lifts all bans at once", async (t) => {
      const { namespace, instance } = started(t, flavor, { sshd: shared });
      instance.client("set", "sshd", "banip", "192.0.2.7", "192.0.2.8", "198.51.100.0/24");
      await until(() => namespace.nftRuleset().includes("198.51.100.0/24"), "all are banned");
      instance.client("unban", "--all");
      await until(() => !/192\.0\.2|198\.51/.test(namespace.nftRuleset()), "nobody is banned");
      assert.match(namespace.nftRuleset(), /@addr-set-sshd/);
    });
  });

  const skip = foreign || skipWithoutNamespace("iptables", "ip6tables", "ipset");
  describe(`iptables, run by ${flavor}`, { skip }, () => {
    const actions: Readonly<Record<string, readonly RegExp[]>> = {
      'iptables-multiport[name=%(__name__)s, port="22,2222", chain="INPUT,FORWARD"]': [
        /-A INPUT -p tcp -m multiport --dports 22,2222 -j f2b-sshd/,
        /-A FORWARD -p tcp -m multiport --dports 22,2222 -j f2b-sshd/,
        /-A f2b-sshd -s 192\.0\.2\.7\/32 -j REJECT --reject-with icmp-port-unreachable\n-A f2b-sshd -j RETURN/,
        /-A f2b-sshd -s 2001:db8::7\/128 -j REJECT --reject-with icmp6-port-unreachable/,
      ],
      'iptables-allports[name=%(__name__)s, protocol="tcp,udp", blocktype=DROP]': [
        /-A INPUT -p tcp -j f2b-sshd/,
        /-A INPUT -p udp -j f2b-sshd/,
        /-A f2b-sshd -s 2001:db8::7\/128 -j DROP/,
      ],
      "iptables[name=%(__name__)s, port=22]": [/-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd/],
      'iptables-ipset-proto6[name=%(__name__)s, port="22"]': [
        /-A INPUT -p tcp -m multiport --dports 22 -m set --match-set f2b-sshd src -j REJECT/,
        /-A INPUT -p tcp -m multiport --dports 22 -m set --match-set f2b-sshd6 src -j REJECT/,
      ],
    };
    for (const [action, expected] of Object.entries(actions)) {
      test(action, async (t) => {
        const { namespace, instance } = started(t, flavor, { sshd: action });
        const empty = namespace.iptablesRules();
        const rules = () => namespace.iptablesRules() + namespace.run("ipset", "list");
        instance.client("set", "sshd", "banip", "192.0.2.7", "2001:db8::7");
        await until(() => /192\.0\.2\.7[\s\S]*2001:db8::7/.test(rules()), "both are banned");
        for (const pattern of expected) assert.match(rules(), pattern);
        instance.client("set", "sshd", "unbanip", "192.0.2.7");
        await until(() => !rules().includes("192.0.2.7"), "the ban is lifted");
        instance.client("unban", "--all");
        await until(() => !rules().includes("2001:db8::7"), "nobody is banned");
        instance.client("stop");
        await until(() => !rules().includes("f2b-sshd"), "rules, chains and sets are gone");
        assert.doesNotMatch(namespace.iptablesRules(), /-A /);
        assert.doesNotMatch(empty, /-A /);
      });
    }
  });
}
