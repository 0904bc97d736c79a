import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Instance, ROOT } from "./instance.ts";

/** Who may do what on the sockets, tried out as users of the system who are not root. */

const USER = 65534;
const OTHER_GROUP = 64999;

/** Three groups that every system has. */
const GROUPS = ["mail", "news", "games", "users"]
  .map((name) => ({
    name,
    id: Number(new RegExp(`^${name}:[^:]*:(\\d+):`, "m").exec(groupFile())?.[1] ?? -1),
  }))
  .filter(({ id }) => id > 0);

function groupFile(): string {
  return existsSync("/etc/group") ? readFileSync("/etc/group", "utf8") : "";
}

function reasonToSkip(): string | false {
  if (process.getuid?.() !== 0) return "needs root, to become other users";
  if (spawnSync("setpriv", ["--version"]).status !== 0) return "setpriv is not installed";
  if (GROUPS.length < 4) return "the usual groups are missing";
  return asUser([OTHER_GROUP], "true").status === 0 && canRun()
    ? false
    : "other users cannot read this checkout";
}

function canRun(): boolean {
  return asUser([OTHER_GROUP], join(ROOT, "bin/fail2ban-client"), "-V").status === 0;
}

function asUser(groups: readonly number[], ...command: string[]) {
  const [first = OTHER_GROUP, ...others] = groups;
  const rest = others.length > 0 ? [`--groups=${others.join(",")}`] : ["--clear-groups"];
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const args = [`--reuid=${USER}`, `--regid=${first}`, ...rest, ...command];
  return spawnSync("setpriv", args, { encoding: "utf8", env: { ...env, HOME: "/nonexistent" }, cwd: "/" });
}

const [READ, BAN, ADMIN, MAIN] = GROUPS as [Group, Group, Group, Group];
interface Group {
  readonly name: string;
  readonly id: number;
}

function server(t: TestContext, definition: string): Instance {
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "fail2ban.d/roles.local": `[Definition]\n${definition}`,
      "jail.local":
        "[DEFAULT]\naction =\n[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\n",
    },
  });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  chmodSync(instance.dir, 0o755);
  instance.start();
  return instance;
}

const skip = reasonToSkip();

test("members of a group do what their role permits, by a socket that the client finds", { skip }, (t) => {
  const instance = server(
    t,
    `socketgroup = ${MAIN.name}\nsocketrole.${READ.name} = read\nsocketrole.${BAN.name} = ban\n` +
      `socketrole.${ADMIN.name} = ADMIN\n`,
  );
  const client = (groups: readonly number[], ...words: string[]) =>
    asUser(groups, join(ROOT, "bin/fail2ban-client"), "-c", instance.path("etc"), ...words);
  const modes = [
    ["f2b.sock", MAIN],
    [`f2b.sock.read.${READ.name}`, READ],
    [`f2b.sock.ban.${BAN.name}`, BAN],
    [`f2b.sock.admin.${ADMIN.name}`, ADMIN],
  ] as const;
  for (const [file, group] of modes) {
    const { mode, uid, gid } = statSync(instance.path(file));
    assert.deepEqual([mode & 0o777, uid, gid], [0o660, 0, group.id], file);
  }

  const state = () => instance.client("status", "sshd") + instance.client("get", "sshd", "maxretry");
  const before = state();
  const reader = [READ.id];
  assert.equal(client(reader, "ping").stdout, "Server replied: pong\n");
  assert.match(client(reader, "status").stdout, /Jail list:\tsshd/);
  assert.match(client(reader, "-v", "ping").stderr, /as a member of group \S+ with the role 'read'/);
  for (const words of [
    ["ban", "203.0.113.1"],
    ["set", "sshd", "banip", "203.0.113.1"],
    ["stop"],
    ["reload"],
  ]) {
    const { status, stdout, stderr } = client(reader, ...words);
    assert.equal(status, 255, words.join(" "));
    assert.match(
      stdout,
      /^Permission denied: '\w+' needs the role '(?:ban|admin)', this socket has the role 'read'\n$/,
    );
    assert.match(stderr, /NOK: \("Permission denied: /);
  }
  assert.match(client(reader, "restart").stderr, /Only root can start a server again/);
  assert.equal(state(), before, "nothing has changed");

  assert.equal(client([BAN.id], "ban", "203.0.113.1").stdout, "1\n");
  assert.equal(client([BAN.id], "set", "sshd", "banip", "203.0.113.2").stdout, "1\n");
  assert.equal(client([BAN.id], "unban", "203.0.113.0/24").stdout, "2\n");
  assert.equal(client([BAN.id], "set", "sshd", "maxretry", "9").status, 255);
  assert.equal(client([ADMIN.id], "set", "sshd", "maxretry", "9").stdout, "9\n");
  assert.equal(client([MAIN.id], "set", "sshd", "maxretry", "8").stdout, "8\n");
  assert.equal(
    client([OTHER_GROUP, READ.id, BAN.id], "ban", "203.0.113.3").stdout,
    "1\n",
    "the stronger role counts",
  );

  const nobody = client([OTHER_GROUP], "ping");
  assert.equal(nobody.status, 255);
  assert.ok(nobody.stderr.includes(`f2b.sock, (you must be root, or in group ${ADMIN.name} for 'admin', or`));
});

test("a reload takes a role away and gives another; the end removes all sockets", { skip }, async (t) => {
  const instance = server(t, `socketrole.${READ.name} = read\n`);
  const ping = (group: Group) =>
    asUser([group.id], join(ROOT, "bin/fail2ban-client"), "-c", instance.path("etc"), "ping").status;
  assert.deepEqual([ping(READ), ping(BAN)], [0, 255]);
  instance.write("etc/fail2ban.d/roles.local", `[Definition]\nsocketrole.${BAN.name} = read\n`);
  assert.equal(instance.client("reload"), "OK\n");
  assert.deepEqual([ping(READ), ping(BAN)], [255, 0]);
  assert.equal(instance.client("get", "socketroles"), `${BAN.name}=read\n`);
  assert.equal(instance.client("set", "socketgroup", MAIN.name), `${MAIN.name}\n`);
  assert.equal(ping(MAIN), 0);
  assert.equal(instance.client("set", "socketgroup", "none"), "None\n");
  assert.equal(ping(MAIN), 255);
  assert.equal(statSync(instance.path("f2b.sock")).mode & 0o777, 0o700);
  instance.client("stop");
  assert.equal(existsSync(instance.path(`f2b.sock.read.${BAN.name}`)), false);
});

test("a group or a role that does not exist is told, and the server runs without that socket", {
  skip,
}, (t) => {
  const instance = server(
    t,
    `socketgroup = no-such-group\nsocketrole.neither = read\nsocketrole.${READ.name} = reader\nsocketrole.${BAN.name} = ban\n`,
  );
  assert.match(instance.client("status"), /Jail list:\tsshd/);
  assert.equal(instance.client("get", "socketroles"), `${BAN.name}=ban\n`);
  assert.equal(instance.client("get", "socketgroup"), "None\n");
  const log = instance.read("fail2ban.log");
  assert.match(
    log,
    /ERROR {3}socketgroup = no-such-group: there is no group 'no-such-group'; the socket is for/,
  );
  assert.match(
    log,
    /ERROR {3}socketrole\.neither = read: there is no group 'neither'; there is no socket for it/,
  );
  const tested = instance.run("fail2ban-client", "-c", instance.path("etc"), "-t");
  assert.match(
    tested.stderr,
    /roles\.local:4, \[Definition\] socketrole\.\w+: The role 'reader' means nothing; expected one of/,
  );
  const byHand = instance.run(
    "fail2ban-client",
    "-c",
    instance.path("etc"),
    "set",
    "socketroles",
    "neither=read",
  );
  assert.equal(byHand.status, 255);
  assert.match(byHand.stdout, /there is no group 'neither'/);
});
