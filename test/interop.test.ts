import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { type Flavor, failedLogin, Instance, until } from "./instance.ts";
import { referenceCommand, referenceTree, skipWithoutReference } from "./reference.ts";

/** Each client drives each server: the reference's ours, and ours the reference's. */

const skip = skipWithoutReference();
const JAIL =
  "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\naction = dummy[target={DIR}/dummy.txt]\n";

async function banOne(t: TestContext, flavor: Flavor): Promise<Instance> {
  const instance = new Instance({ flavor, tree: referenceTree()!, files: { "jail.local": JAIL } });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  instance.start();
  instance.append("auth.log", failedLogin("192.0.2.7").repeat(5));
  await until(() => instance.client("get", "sshd", "banip").includes("192.0.2.7"), "the ban is there");
  return instance;
}

function referenceClient(instance: Instance, ...words: string[]) {
  const { command, args, env } = referenceCommand("fail2ban-client", "-c", instance.path("etc"), ...words);
  return spawnSync(command, args, { env, encoding: "utf8" });
}

test("the reference's client drives our server", { skip }, async (t) => {
  const instance = await banOne(t, "ours");
  assert.equal(referenceClient(instance, "ping").stdout, "Server replied: pong\n");
  assert.equal(
    referenceClient(instance, "status").stdout,
    "Status\n|- Number of jail:\t1\n`- Jail list:\tsshd\n",
  );
  const status = referenceClient(instance, "status", "sshd").stdout;
  assert.equal(status, instance.client("status", "sshd"));
  assert.match(status, /Banned IP list:\t192\.0\.2\.7\n$/);
  assert.equal(referenceClient(instance, "set", "sshd", "unbanip", "192.0.2.7").stdout, "1\n");
  const unknown = referenceClient(instance, "status", "nojail");
  assert.equal(unknown.stdout, "Sorry but the jail 'nojail' does not exist\n");
  assert.equal(unknown.status, 255);
  assert.equal(referenceClient(instance, "reload").stdout, "OK\n");
  assert.equal(referenceClient(instance, "stop").stdout, "Shutdown successful\n");
});

test("our client drives the reference's server", { skip }, async (t) => {
  const instance = await banOne(t, "reference");
  const ours = new Instance({ flavor: "ours", tree: referenceTree()! });
  t.after(() => ours.dispose());
  const client = (...words: string[]) => ours.run("fail2ban-client", "-c", instance.path("etc"), ...words);
  assert.equal(client("ping").stdout, "Server replied: pong\n");
  assert.equal(client("status", "sshd").stdout, instance.client("status", "sshd"));
  assert.equal(client("get", "sshd", "bantime").stdout, "600\n");
  assert.equal(client("status", "nojail").stdout, "Sorry but the jail 'nojail' does not exist\n");
  assert.equal(client("reload").stdout, "OK\n");
  assert.equal(client("stop").stdout, "Shutdown successful\n");
});
