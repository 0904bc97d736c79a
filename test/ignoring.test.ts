import assert from "node:assert/strict";
import { test } from "node:test";
import { Instance, until } from "./instance.ts";
import { skipWithoutReference } from "./reference.ts";
import { SHIPPED } from "./shipped-tree.ts";
import { bothSay, count, defaults, fail, jail, logged } from "./side-by-side.ts";

/** Who is not banned, and by which ways of banning. */

const words = (text: string) => text.trim().split(/\s+/).filter(Boolean).sort();

test("ignoreip: addresses and networks, for failures and restored bans, not for bans by hand", {
  skip: skipWithoutReference(),
}, async () => {
  const ignored = [
    "198.51.100.7",
    "203.0.113.0/24",
    "2001:db8::7",
    "2001:db8:1::/48",
    "192.168.0.0/255.255.0.0",
  ];
  const inside = [
    "198.51.100.7",
    "203.0.113.200",
    "2001:db8::7",
    "2001:db8:1:2::3",
    "192.168.77.1",
    "::ffff:203.0.113.9",
  ];
  const outside = ["198.51.100.8", "203.0.112.1", "2001:db8::8", "2001:db8:2::1", "192.169.0.1"];
  const scene = {
    files: { "jail.local": defaults(`maxretry = 1\nignoreip = ${ignored.join(" ")}`) + jail("j", "") },
    jails: ["j"],
  };
  await bothSay(scene, async (instance) => {
    const answers: string[] = [];
    // Single addresses are a set to the reference.
    const ask = (...command: string[]) =>
      answers.push(
        ...instance
          .client(...command)
          .trim()
          .split(/\n[|`]- /)
          .sort(),
      );
    instance.start();
    fail(instance, "j", ...inside, ...outside);
    await count(instance, /\] Ban /, outside.length);
    await count(instance, /\] Ignore /, inside.length);
    ask("set", "j", "banip", "203.0.113.50", "198.51.100.7", "203.0.113.0/25");
    ask("get", "j", "ignoreip");
    const before = words(instance.client("get", "j", "banip"));
    // Who is on the list is not banned again by a start, even if it was by hand.
    instance.client("restart");
    await count(instance, /\] Restore Ban /, outside.length);
    await count(instance, /\] Ignore /, inside.length + 3);
    ask("set", "j", "delignoreip", "2001:db8::7");
    fail(instance, "j", "2001:db8::7", "198.18.0.222");
    await until(() => instance.read("fail2ban.log").includes("Ban 198.18.0.222\n"), "all is read");
    ask("set", "j", "addignoreip", "198.18.0.0/16", "198.18.5.5");
    fail(instance, "j", "198.18.0.223", "100.64.0.1");
    await until(() => instance.read("fail2ban.log").includes("Ban 100.64.0.1\n"), "all is read");
    return {
      answers,
      before,
      after: words(instance.client("get", "j", "banip")),
      log: logged(instance, "filter", /Ignore|Found|Attempt/),
    };
  });
});

test("ignoreip = file: a list that changes while the server runs", async (t) => {
  const instance = new Instance({
    flavor: "ours",
    tree: SHIPPED,
    files: {
      "filter.d/simple.conf": "[Definition]\nfailregex = ^ failure from <HOST>$\n",
      "jail.local":
        "[DEFAULT]\nbackend = polling\nfilter = simple\naction =\nmaxretry = 1\n" +
        "[j]\nenabled = true\nlogpath = {DIR}/j.log\nignoreip = file:{DIR}/friends 198.51.100.1\n",
    },
  });
  t.after(() => instance.dispose());
  instance.write("j.log", "");
  instance.write(
    "friends",
    "# those of the office\n198.18.1.0/24, 198.18.2.1 ; and one more\n2001:db8::/32\n",
  );
  instance.start();
  const log = () => instance.read("fail2ban.log");
  const said = (text: string) => until(() => log().includes(text), `the log says ${text}`);
  fail(instance, "j", "198.18.1.9", "198.18.2.1", "2001:db8::5", "198.51.100.1", "198.18.2.2");
  await said("] Ban 198.18.2.2\n");
  for (const ip of ["198.18.1.9", "198.51.100.1"])
    assert.equal(instance.client("set", "j", "attempt", ip, "a line").trim(), "0");
  for (const ip of ["198.18.1.9", "198.18.2.1", "2001:db8::5"])
    assert.ok(log().includes(`[j] Ignore ${ip} by file:/${instance.dir}/friends\n`), ip);
  assert.ok(log().includes("[j] Ignore 198.51.100.1 by ip\n"));

  instance.write("friends", "198.18.3.3\n");
  await until(() => {
    const before = log().split("Ban 198.18.1.9\n").length;
    fail(instance, "j", "198.18.1.9");
    return before > 1;
  }, "the new list is read");
  fail(instance, "j", "198.18.3.3", "198.18.4.4");
  await said("] Ban 198.18.4.4\n");
  assert.ok(log().includes("[j] Ignore 198.18.3.3 by file:"));
  assert.deepEqual(words(instance.client("get", "j", "banip")), ["198.18.1.9", "198.18.2.2", "198.18.4.4"]);
  assert.match(instance.client("get", "j", "ignoreip"), /file:\//);
});
