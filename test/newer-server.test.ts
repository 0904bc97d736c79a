import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sendOnce } from "../src/control/testing.ts";
import { repr } from "../src/pyvalue/repr.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Flavor, failedLogin, Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { NEWER_REFERENCE } from "./reference.ts";

/** A life with several jails of Debian 13's stock tree and its default actions, beside that package's own server. */

const JAILS = ["sshd", "postfix", "nginx-botsearch", "nginx-forbidden", "routeros-auth", "recidive"];

const JAIL_LOCAL = `[DEFAULT]
bantime = 1h
banaction = nftables
banaction_allports = nftables[type=allports]
${JAILS.map((jail) => `[${jail}]\nenabled = true\nbackend = polling\nlogpath = {DIR}/${jail}.log\n`).join("")}`;

/** What a server is asked about each jail. */
const QUESTIONS = ["journalmatch", "datepattern", "maxlines", "maxretry", "findtime", "bantime", "actions"];

/** What was seen, by its name. */
type Scenes = Record<string, string>;

async function live(t: TestContext, flavor: Flavor): Promise<Scenes> {
  const namespace = new Namespace();
  const instance = new Instance({
    flavor,
    reference: NEWER_REFERENCE,
    tree: NEWER_REFERENCE.tree()!,
    namespace,
    files: { "jail.local": JAIL_LOCAL },
  });
  t.after(async () => {
    await instance.dispose();
    namespace.delete();
  });
  const ask = async (...words: string[]) =>
    repr(await sendOnce(instance.path("f2b.sock"), words, { clock: systemClock }));
  const client = (...words: string[]) => instance.client(...words).replaceAll(instance.dir, "{DIR}");
  const rules = () => namespace.nftRuleset();
  const inForce = (count: number) =>
    until(() => rules().match(TEST_ADDRESS)?.length === count, `${count} bans`);
  const scenes: Scenes = {};

  for (const jail of JAILS) instance.write(`${jail}.log`, "");
  instance.start();
  for (const jail of JAILS) {
    for (const question of QUESTIONS) scenes[`${jail} ${question}`] = await ask("get", jail, question);
  }
  instance.append("sshd.log", failedLogin("192.0.2.7").repeat(5));
  await inForce(1);
  for (const [index, jail] of JAILS.entries())
    await ask("set", jail, "banip", `192.0.2.${100 + index}`, "2001:db8::7");
  await inForce(1 + 2 * JAILS.length);
  scenes["rules with bans"] = rules();
  scenes["status"] = client("status");
  for (const jail of JAILS) scenes[`status ${jail}`] = client("status", jail);
  scenes["banned"] = client("banned");
  scenes["unbanned"] = client("unban", "192.0.2.7", "2001:db8::7");
  await inForce(JAILS.length);
  scenes["rules after unban"] = rules();
  await ask("stop", "postfix");
  await inForce(JAILS.length - 1);
  scenes["rules without postfix"] = rules();
  await instance.stop();
  scenes["rules after the end"] = rules();
  return scenes;
}

const TEST_ADDRESS = /192\.0\.2\.\d+|2001:db8::7/g;

const skip = NEWER_REFERENCE.skip() || skipWithoutNamespace("nft");

test("jails of Debian 13's stock tree live as in that package", { skip }, async (t) => {
  const [ours, theirs] = await Promise.all([live(t, "ours"), live(t, "reference")]);
  assert.deepEqual(ours, theirs);
});
