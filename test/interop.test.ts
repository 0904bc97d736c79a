import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { isMarked } from "../src/control/socket-mark.ts";
import { type Flavor, failedLogin, Instance, ROOT, until } from "./instance.ts";
import { NEWER_REFERENCE, REFERENCE, type Reference } from "./reference.ts";

/** Each client drives each server: those of both packages ours, and ours theirs. */

const JAIL =
  "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\naction = dummy[target={DIR}/dummy.txt]\n";

async function banOne(t: TestContext, flavor: Flavor, reference: Reference): Promise<Instance> {
  const tree = reference.tree()!;
  const instance = new Instance({ flavor, reference, tree, files: { "jail.local": JAIL } });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  instance.start();
  instance.append("auth.log", failedLogin("192.0.2.7").repeat(5));
  await until(() => instance.client("get", "sshd", "banip").includes("192.0.2.7"), "the ban is there");
  return instance;
}

for (const reference of [REFERENCE, NEWER_REFERENCE]) {
  describe(`fail2ban ${reference.release}`, { skip: reference.skip() }, () => {
    const tree = reference.tree()!;

    test("its client drives our server", async (t) => {
      const instance = await banOne(t, "ours", reference);
      const referenceClient = (...words: string[]) => {
        const { command, args, env } = reference.command(
          "fail2ban-client",
          "-c",
          instance.path("etc"),
          ...words,
        );
        return spawnSync(command, args, { env, encoding: "utf8" });
      };
      assert.ok(isMarked(instance.path("f2b.sock")), "our own client knows that it may speak JSON");
      assert.equal(referenceClient("ping").stdout, "Server replied: pong\n");
      assert.equal(referenceClient("status").stdout, "Status\n|- Number of jail:\t1\n`- Jail list:\tsshd\n");
      const status = referenceClient("status", "sshd").stdout;
      assert.equal(status, instance.client("status", "sshd"));
      assert.match(status, /Banned IP list:\t192\.0\.2\.7\n$/);
      assert.equal(referenceClient("set", "sshd", "unbanip", "192.0.2.7").stdout, "1\n");
      const unknown = referenceClient("status", "nojail");
      assert.equal(unknown.stdout, "Sorry but the jail 'nojail' does not exist\n");
      assert.equal(unknown.status, 255);
      assert.equal(referenceClient("reload").stdout, "OK\n");
      assert.equal(referenceClient("stop").stdout, "Shutdown successful\n");
    });

    test("our client drives its server", async (t) => {
      const instance = await banOne(t, "reference", reference);
      const ours = new Instance({ flavor: "ours", tree });
      t.after(() => ours.dispose());
      const client = (...words: string[]) =>
        ours.run("fail2ban-client", "-c", instance.path("etc"), ...words);
      assert.ok(!isMarked(instance.path("f2b.sock")), "our own client knows that it must speak pickle");
      assert.equal(client("ping").stdout, "Server replied: pong\n");
      assert.equal(client("status", "sshd").stdout, instance.client("status", "sshd"));
      assert.equal(client("get", "sshd", "bantime").stdout, "600\n");
      assert.equal(client("status", "nojail").stdout, "Sorry but the jail 'nojail' does not exist\n");
      assert.equal(client("reload").stdout, "OK\n");
      assert.equal(client("stop").stdout, "Shutdown successful\n");
      assert.doesNotMatch(instance.read("fail2ban.log"), /PROTO-error/);
    });

    test("its client starts our server and drives it through a whole life", async (t) => {
      const instance = new Instance({ flavor: "ours", tree, files: { "jail.local": JAIL } });
      t.after(() => instance.dispose());
      instance.write("auth.log", "");
      // The client starts the server that stands beside it.
      const own = reference.command("fail2ban-client").args[0]!;
      instance.write("bin/fail2ban-client", readFileSync(own, "utf8"));
      symlinkSync(join(ROOT, "bin/fail2ban-server"), instance.path("bin/fail2ban-server"));
      const { env } = reference.command("fail2ban-client");
      const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...clean } = env;
      const client = (...words: string[]) => {
        const args = [instance.path("bin/fail2ban-client"), "-c", instance.path("etc"), ...words];
        return spawnSync("python3", args, { env: clean, encoding: "utf8" }).stdout;
      };
      assert.equal(client("start"), "Server ready\n");
      assert.match(instance.read("fail2ban.log"), /Starting Fail2ban v/);
      assert.equal(instance.client("get", "sshd", "bantime"), "600\n", "its configuration stream was taken");
      instance.append("auth.log", failedLogin("203.0.113.7").repeat(5));
      await until(() => client("get", "sshd", "banip") === "203.0.113.7\n", "the ban is there");
      assert.equal(client("reload"), "OK\n");
      assert.match(client("status", "sshd"), /Banned IP list:\t203\.0\.113\.7\n/);
      assert.equal(client("restart"), "Shutdown successful\nServer ready\n");
      assert.equal(client("get", "sshd", "banip"), "203.0.113.7\n");
      assert.equal(client("unban", "--all"), "1\n");
      assert.equal(client("stop"), "Shutdown successful\n");
      await until(() => !existsSync(instance.path("f2b.pid")), "the server ends");
    });

    test("our configuration stream configures its server", async (t) => {
      const instance = new Instance({
        flavor: "reference",
        reference,
        tree,
        files: { "jail.local": JAIL },
      });
      t.after(() => instance.dispose());
      instance.write("auth.log", "");
      const server = instance.spawn("fail2ban-server", "-c", instance.path("etc"), "--async", "-f", "start");
      t.after(() => server.kill());
      await until(() => existsSync(instance.path("f2b.sock")), "the server listens");
      const ours = new Instance({ flavor: "ours", tree });
      t.after(() => ours.dispose());
      const client = (...words: string[]) =>
        ours.run("fail2ban-client", "-c", instance.path("etc"), ...words).stdout;
      await until(() => client("ping") === "Server replied: pong\n", "the server answers");
      assert.equal(client("reload"), "OK\n");
      instance.append("auth.log", failedLogin("203.0.113.7").repeat(5));
      await until(() => client("get", "sshd", "banip") === "203.0.113.7\n", "the ban is there");
      assert.equal(client("stop"), "Shutdown successful\n");
    });
  });
}
