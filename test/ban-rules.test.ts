import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { sendOnce } from "../src/control/testing.ts";
import { systemClock } from "../src/time/clock.ts";
import { failedLogin, type Instance, isolated, until } from "./instance.ts";
import { type Namespace, skipWithoutNamespace } from "./namespace.ts";
import { referenceTree, skipWithoutReference } from "./reference.ts";
import { SHIPPED } from "./shipped-tree.ts";

/**
 * Options about bans beyond those of fail2ban, with the shipped tree and a real firewall: what stands there, and what
 * commands and log say about it.
 */

const NFTABLES = 'nftables[name=%(__name__)s, port="22"]';
const IPSET = 'iptables-ipset[name=%(__name__)s, port="22"]';

/** Addresses and networks in one set, which no two elements may share. */
const INTERVAL_ACTION = `[Definition]
actionstart = nft add table inet t
              nft add set inet t s \\{ type ipv4_addr\\; flags interval\\; \\}
actionban = nft add element inet t s \\{ <ip> \\}
actionunban = nft delete element inet t s \\{ <ip> \\}
actionstop = nft delete table inet t
`;

interface World {
  readonly instance: Instance;
  readonly namespace: Namespace;
  /** The elements of all sets, by their text: seconds after which the kernel lets go, 0 for never. */
  elements(): Map<string, number>;
  fail(...ips: string[]): void;
  client(...words: string[]): string;
  log(): string;
}

/** A server whose jail `sshd` bans at the third failure, with these options. */
function started(t: TestContext, action: string, options: string, tree = SHIPPED): World {
  const { instance, namespace } = isolated(t, {
    tree,
    files: {
      "jail.local":
        "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\nbantime = 600\nmaxretry = 3\n" +
        `action = ${action}\n${options}\n`,
      "action.d/interval.conf": INTERVAL_ACTION,
    },
  });
  instance.write("auth.log", "");
  instance.start();
  return {
    instance,
    namespace,
    elements: () => (action.startsWith("iptables") ? ipsetElements(namespace) : nftElements(namespace)),
    fail: (...ips) => instance.append("auth.log", ips.map((ip) => failedLogin(ip)).join("")),
    client: (...words) => instance.client(...words),
    log: () => instance.read("fail2ban.log"),
  };
}

function nftElements(namespace: Namespace): Map<string, number> {
  type Prefix = { addr: string; len: number };
  type Element = string | { prefix?: Prefix; elem?: { val: string | { prefix: Prefix }; expires?: number } };
  const parsed = JSON.parse(namespace.run("nft", "-j", "list", "ruleset")) as {
    nftables: { set?: { elem?: Element[] } }[];
  };
  const name = (value: string | { prefix: Prefix }) =>
    typeof value === "string" ? value : `${value.prefix.addr}/${value.prefix.len}`;
  const found = parsed.nftables.flatMap(({ set }) => set?.elem ?? []);
  return new Map(
    found.map((element): [string, number] => {
      if (typeof element === "string") return [element, 0];
      if (element.elem) return [name(element.elem.val), element.elem.expires ?? 0];
      return [name({ prefix: element.prefix! }), 0];
    }),
  );
}

function ipsetElements(namespace: Namespace): Map<string, number> {
  const lines = namespace.run("ipset", "save").split("\n");
  return new Map(
    lines
      .map((line) => /^add \S+ (\S+)(?: timeout (\d+))?/.exec(line))
      .filter((match) => match !== null)
      .map((match): [string, number] => [match[1]!, Number(match[2] ?? 0)]),
  );
}

/** Seconds that the kernel has left of a ban of 600 seconds; it lets go a little later than the server. */
function assertLeft(seconds: number, began: number): void {
  const passed = (performance.now() - began) / 1000;
  assert.ok(seconds > 599 - passed && seconds <= 611, `${seconds} s after ${passed} s`);
}

/** In how many runs how many bans, unbans and so on were carried out. */
function actionWork(world: World): { runs: number; operations: number } {
  type Profile = { jails: { sshd: { actions: { runs: number; operations: number }[] } } };
  return (JSON.parse(world.client("profile", "sshd", "--json")) as Profile).jails.sshd.actions[0]!;
}

/** With `aggregate = ipv4/24:3 ipv6/64:2`: merges, survives a restart, splits. */
async function aggregates(world: World): Promise<void> {
  const holds = (...expected: string[]) =>
    until(
      () => keys(world).join() === expected.toSorted().join(),
      `the firewall holds ${expected.join()}, not ${keys(world).join()}`,
    );
  world.client(
    "set",
    "sshd",
    "banip",
    "192.0.2.1",
    "192.0.2.2",
    "198.51.100.1",
    "2001:db8::1",
    "2001:db8::2",
  );
  await holds("192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::/64");
  world.client("set", "sshd", "banip", "192.0.2.3", "192.0.2.4");
  await holds("192.0.2.0/24", "198.51.100.1", "2001:db8::/64");
  assert.match(
    world.client("status", "sshd"),
    /Currently banned:\t7[\s\S]*Networks blocked as one:\t.*192\.0\.2\.0\/24/,
  );
  assert.match(world.client("search", "192.0.2.200"), /Blocked with its network:\t192\.0\.2\.0\/24/);
  world.client("restart");
  await holds("192.0.2.0/24", "198.51.100.1", "2001:db8::/64");
  assert.equal(world.client("unban", "192.0.2.3").trim(), "1");
  await holds("192.0.2.1", "192.0.2.2", "192.0.2.4", "198.51.100.1", "2001:db8::/64");
  world.client("set", "sshd", "aggregate", "none");
  await holds("192.0.2.1", "192.0.2.2", "192.0.2.4", "198.51.100.1", "2001:db8::1", "2001:db8::2");
  assert.doesNotMatch(world.log(), / ERROR /);
}

const keys = (world: World) => [...world.elements().keys()].sort();

for (const [action, programs] of [
  [NFTABLES, ["nft"]],
  [IPSET, ["ipset", "iptables", "ip6tables"]],
] as const) {
  describe(action, { skip: skipWithoutNamespace(...programs) }, () => {
    test("kerneltimeout: elements carry their own end, also when it changes and after a restart", async (t) => {
      const world = started(t, action, "kerneltimeout = true");
      const { client, elements } = world;
      const left = (ip: string) => elements().get(ip) ?? -1;
      const began = performance.now();
      client("set", "sshd", "banip", "192.0.2.1", "2001:db8::1");
      await until(() => elements().size === 2, "both are banned");
      for (const ip of ["192.0.2.1", "2001:db8::1"]) assertLeft(left(ip), began);
      client("set", "sshd", "banip", "--bantime", "3600", "192.0.2.1");
      await until(() => left("192.0.2.1") > 3000, "the longer time is told");
      client("set", "sshd", "banip", "--bantime", "-1", "192.0.2.2");
      await until(() => elements().has("192.0.2.2"), "it is banned");
      assert.equal(left("192.0.2.2"), 0, "for ever");
      client("restart");
      await until(() => elements().size === 3, "they are back");
      assert.ok(left("192.0.2.1") > 500 && left("192.0.2.1") <= 611, "cut to the ban time of the jail");
      client("set", "sshd", "kerneltimeout", "no");
      await until(() => left("192.0.2.1") === 0, "it is taken back");
    });

    test("kerneltimeout: an element that is gone already is no error when its ban is lifted", async (t) => {
      const world = started(t, action, "kerneltimeout = true\nbanprefix = ipv4/24");
      const { client, namespace, log } = world;
      const began = performance.now();
      client("set", "sshd", "banip", "192.0.2.1", "192.0.2.2", "198.51.100.0/24", "2001:db8::1");
      await until(() => world.elements().size === 4, "all are banned");
      assertLeft(world.elements().get("198.51.100.0/24") ?? 0, began);
      if (action === IPSET) {
        for (const ip of ["192.0.2.1", "198.51.100.0/24"]) namespace.run("ipset", "del", "f2b-sshd", ip);
      } else {
        namespace.run("nft", "delete element inet f2b-table addr-set-sshd { 192.0.2.1 }");
        namespace.run("nft", "delete element inet f2b-table net-set-sshd { 198.51.100.0/24 }");
      }
      client("unban", "192.0.2.1", "198.51.100.0/24", "192.0.2.2");
      await until(() => world.elements().size === 1, "the others are lifted");
      assert.deepEqual(keys(world), ["2001:db8::1"]);
      assert.doesNotMatch(log(), / ERROR /);
    });

    test("kerneltimeout: the ends of a thousand bans change together, of networks too", async (t) => {
      const world = started(t, action, "kerneltimeout = true");
      const { client, elements } = world;
      const addresses = Array.from({ length: 1000 }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
      const networks = Array.from({ length: 50 }, (_, i) => `198.19.${i}.0/24`);
      client("set", "sshd", "banip", ...addresses, ...networks);
      await until(() => elements().size === 1050, "all are banned");
      const bans = actionWork(world);
      assert.ok(bans.operations >= 1050 && bans.runs < 100, `bans share runs: ${JSON.stringify(bans)}`);
      client("profile", "--reset");
      client("set", "sshd", "bantime", "7200");
      await until(() => [...elements().values()].every((left) => left > 7000), "all last longer");
      assert.equal(elements().size, 1050);
      const renewals = actionWork(world);
      assert.ok(
        renewals.operations >= 1050 && renewals.runs < 100,
        `so do these: ${JSON.stringify(renewals)}`,
      );
      assert.doesNotMatch(world.log(), / ERROR /);
    });

    test("kerneltimeout: what a killed server leaves behind ends by itself", async (t) => {
      const world = started(t, action, "kerneltimeout = true");
      world.client("set", "sshd", "banip", "198.51.100.0/24");
      // Without a client that would have to be started: the server must not live to see the end of the ban.
      const command = ["set", "sshd", "banip", "--bantime", "3", "192.0.2.1"];
      await sendOnce(world.instance.path("f2b.sock"), command, { clock: systemClock });
      await world.instance.kill();
      assert.ok(world.elements().has("192.0.2.1"), "it is blocked");
      await until(() => !world.elements().has("192.0.2.1"), "the kernel lets go");
      assert.ok(world.elements().has("198.51.100.0/24"), "of nobody else");
    });

    test("banprefix: failures of a prefix ban the prefix, not where an ignored address is in it", async (t) => {
      const world = started(t, action, "banprefix = ipv4/24 ipv6/64\nignoreip = 203.0.113.200");
      world.fail("2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db8::3");
      world.fail("192.0.2.1", "192.0.2.2", "192.0.2.3", "203.0.113.1", "203.0.113.2", "203.0.113.3");
      world.fail("203.0.113.4", "203.0.113.4", "203.0.113.4");
      await until(() => world.elements().size === 3, "three bans");
      assert.deepEqual(keys(world), ["192.0.2.0/24", "2001:db8::/64", "203.0.113.4"]);
      assert.equal(world.client("banned", "2001:db8::abcd").trim(), "[['sshd']]");
      assert.match(world.client("search", "192.0.2.99"), /192\.0\.2\.0\/24/);
      world.client("restart");
      await until(() => world.elements().size === 3, "they are back");
      assert.equal(world.client("unban", "192.0.2.99").trim(), "1");
      await until(() => world.elements().size === 2, "the network is lifted for its address");
      assert.doesNotMatch(world.log(), / ERROR /);
    });

    test("aggregate: many bans of a network are one element, and become many again", async (t) => {
      const world = started(t, action, "aggregate = ipv4/24:3 ipv6/64:2\nkerneltimeout = true");
      await aggregates(world);
    });

    test("dryrun: nothing is touched; maxbans: the one that ends soonest gives way", async (t) => {
      const world = started(t, action, "dryrun = true\nmaxbans = 2");
      const rules = () =>
        action === NFTABLES ? world.namespace.nftRuleset() : world.namespace.iptablesRules();
      const untouched = rules();
      world.fail("192.0.2.1", "192.0.2.1", "192.0.2.1");
      await until(
        () => /NOTICE {2}\[sshd\] Would ban 192\.0\.2\.1 \(dryrun\)/.test(world.log()),
        "it is told",
      );
      assert.match(
        world.client("status", "sshd"),
        /Dry run:\tnobody is blocked[\s\S]*Banned IP list:\t192\.0\.2\.1/,
      );
      world.client("restart");
      assert.match(world.client("status", "sshd"), /Banned IP list:\t192\.0\.2\.1/);
      assert.equal(rules(), untouched);
      assert.doesNotMatch(world.log(), /\] (?:Restore |Repeal )?(?:Ban|Unban) /);
      world.client("set", "sshd", "dryrun", "false");
      for (const [ip, time] of [
        ["192.0.2.2", "900"],
        ["192.0.2.3", "300"],
        ["192.0.2.4", "600"],
      ] as const) {
        world.client("set", "sshd", "banip", "--bantime", time, ip);
      }
      await until(() => world.elements().has("192.0.2.4"), "the last one is banned");
      assert.deepEqual(keys(world), ["192.0.2.2", "192.0.2.4"]);
      assert.match(
        world.log(),
        /maxbans = 2 is reached: for each new ban the one that ends soonest is lifted/,
      );
      assert.deepEqual(JSON.parse(world.client("unban", "--older", "0", "--json")), {
        sshd: ["192.0.2.2", "192.0.2.4"],
      });
      await until(() => world.elements().size === 0, "both are lifted");
    });
  });
}

test("aggregate with a set of intervals, which refuses what overlaps", {
  skip: skipWithoutNamespace("nft"),
}, async (t) => {
  const world = started(t, "interval", "aggregate = ipv4/24:3");
  world.client("set", "sshd", "banip", "192.0.2.1", "192.0.2.2", "198.51.100.1");
  await until(() => world.elements().size === 3, "all are banned");
  world.client("set", "sshd", "banip", "192.0.2.3");
  await until(() => keys(world).join() === "192.0.2.0/24,198.51.100.1", "the network takes their place");
  world.client("unban", "192.0.2.2");
  await until(() => keys(world).join() === "192.0.2.1,192.0.2.3,198.51.100.1", "they are back");
  assert.doesNotMatch(world.log(), / ERROR /);
});

const skip = skipWithoutReference() || skipWithoutNamespace("nft");
test("aggregate with the sets of the stock action, which hold no networks: addresses stay blocked", {
  skip,
}, async (t) => {
  const action = 'nftables-multiport[name=%(__name__)s, port="22"]';
  const world = started(t, action, "aggregate = ipv4/24:2", referenceTree()!);
  world.client("set", "sshd", "banip", "192.0.2.1", "192.0.2.2");
  await until(
    () => /Not every action can block the network 192\.0\.2\.0\/24/.test(world.log()),
    "it is told",
  );
  await until(() => keys(world).join() === "192.0.2.1,192.0.2.2", "both are blocked");
});
