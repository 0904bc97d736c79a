import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { Instance, until } from "./instance.ts";
import { Namespace, skipWithoutNamespace } from "./namespace.ts";
import { SHIPPED } from "./shipped-tree.ts";

/**
 * The option `killconnections` with connections that are open and in use while their address is banned: those that end at
 * this machine, and those that pass through it, where a firewall lets established connections be.
 */

/** Answers each byte with the same byte. */
const ECHO = `
  const net = require("node:net");
  const server = net.createServer((socket) => socket.on("error", () => {}).pipe(socket));
  server.listen(2222, process.argv[1], () => console.log("listening"));
`;

/** Connects from each of the addresses, sends a byte every few milliseconds and tells what becomes of it. */
const TALK = `
  const net = require("node:net");
  const [host, ...addresses] = process.argv.slice(1);
  for (const localAddress of addresses) {
    const socket = net.connect({ port: 2222, host, localAddress });
    const timer = setInterval(() => socket.write("x"), 10);
    socket.on("data", () => console.log("echo " + localAddress));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      console.log("closed " + localAddress);
    });
  }
`;

/** A program inside a namespace, and what it has printed. */
class Program {
  readonly #child: ChildProcess;
  #text = "";

  constructor(namespace: Namespace, source: string, ...args: string[]) {
    const [command, ...words] = namespace.command(process.execPath, "-e", source, ...args);
    this.#child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (data) => {
      this.#text += data;
    });
  }

  /** Ends it. */
  dispose(): void {
    this.#child.kill();
  }

  /** How many of these lines there have been. */
  count(line: string): number {
    return this.#text.split(`${line}\n`).length - 1;
  }

  has(line: string): boolean {
    return this.count(line) > 0;
  }

  /** Waits until a line has come so many times more. */
  async more(line: string, times = 5): Promise<void> {
    const before = this.count(line);
    await until(() => this.count(line) >= before + times, `"${line}" comes again and again`);
  }
}

/** Namespaces, programs and the server of one test; they end in reverse order. */
class World {
  readonly #parts: { dispose(): unknown }[] = [];

  constructor(t: TestContext) {
    t.after(async () => {
      for (const part of this.#parts.reverse()) await part.dispose();
    });
  }

  namespace(): Namespace {
    const namespace = new Namespace();
    this.#parts.push({ dispose: () => namespace.delete() });
    return namespace;
  }

  run(namespace: Namespace, source: string, ...args: string[]): Program {
    return this.#with(new Program(namespace, source, ...args));
  }

  /** A server with a jail `sshd` that only bans by hand. */
  start(namespace: Namespace, action: string, killconnections: boolean): Instance {
    const instance = new Instance({
      flavor: "ours",
      tree: SHIPPED,
      namespace,
      files: {
        "jail.local":
          "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\nbantime = 600\n" +
          `killconnections = ${killconnections}\naction = ${action}\n`,
      },
    });
    this.#with(instance);
    instance.write("auth.log", "");
    instance.start();
    return instance;
  }

  #with<T extends { dispose(): unknown }>(part: T): T {
    this.#parts.push(part);
    return part;
  }
}

/** Why connections cannot be cut here, else `false`: it takes `ss` and a kernel that lets it. */
function skipWithoutKilling(): string | false {
  if (spawnSync("ss", ["-V"]).status !== 0) return "ss is not installed";
  const config = spawnSync("sh", ["-c", "zcat /proc/config.gz 2>/dev/null || cat /boot/config-$(uname -r)"], {
    encoding: "utf8",
  }).stdout;
  if (config === "" || config.includes("CONFIG_INET_DIAG_DESTROY=y")) return false;
  return "the kernel has no CONFIG_INET_DIAG_DESTROY";
}

for (const action of ["nftables", "iptables-ipset"]) {
  const programs = action === "nftables" ? ["nft"] : ["ipset", "iptables", "ip6tables"];
  const skip = skipWithoutNamespace(...programs) || skipWithoutKilling();
  test(`${action}: a connection with this machine is cut by ss`, { skip }, async (t) => {
    const world = new World(t);
    const namespace = world.namespace();
    const echo = world.run(namespace, ECHO, "127.0.0.1");
    await until(() => echo.has("listening"), "the server listens");
    const talk = world.run(namespace, TALK, "127.0.0.1", "127.0.0.5", "127.0.0.6", "127.0.0.7");
    for (const address of ["127.0.0.5", "127.0.0.6", "127.0.0.7"]) await talk.more(`echo ${address}`, 1);
    // The port of the ban is another one: whatever happens to the connection is not the rule's doing.
    const instance = world.start(namespace, `${action}[name=sshd, port="22"]`, true);
    instance.client("set", "sshd", "banip", "127.0.0.5", "127.0.0.7");
    await until(() => talk.has("closed 127.0.0.5") && talk.has("closed 127.0.0.7"), "both are cut");
    await until(
      () => / INFO {4}\[sshd\] Cut \d connection/.test(instance.read("fail2ban.log")),
      "it is told",
    );
    await talk.more("echo 127.0.0.6");
    assert.ok(!talk.has("closed 127.0.0.6"), "nobody else's is cut");
    assert.doesNotMatch(instance.read("fail2ban.log"), /killconnections:/);
  });
}

/** What a router of an administrator with stateful rules has: what is established passes. */
const STATEFUL = `
  table inet admin {
    chain forward {
      type filter hook forward priority 0; policy accept;
      ct state established accept
    }
  }`;

/** Two networks and a router between them; the client has three addresses. */
function network(world: World) {
  const [client, router, server] = [world.namespace(), world.namespace(), world.namespace()] as const;
  const link = (name: string, side: Namespace, address: string, gateway: string) => {
    router.run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", side.name);
    router.run("ip", "address", "add", `${gateway}/24`, "dev", name);
    router.run("ip", "link", "set", name, "up");
    side.run("ip", "address", "add", `${address}/24`, "dev", "eth0");
    side.run("ip", "link", "set", "eth0", "up");
    side.run("ip", "route", "add", "default", "via", gateway);
  };
  link("outside", client, "192.0.2.5", "192.0.2.1");
  link("inside", server, "198.51.100.5", "198.51.100.1");
  for (const address of ["192.0.2.6", "192.0.2.7"]) {
    client.run("ip", "address", "add", `${address}/24`, "dev", "eth0");
  }
  router.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
  router.run("nft", STATEFUL);
  return { client, router, server };
}

/** Blocks connections that are new, as a rule behind "what is established passes" does. */
const NEW_ONES =
  'nftables[name=sshd, type=custom, rule_match-custom="ct state new", chain_hook=forward, blocktype="reject with tcp reset"]';

for (const killconnections of [false, true]) {
  const title = killconnections
    ? "a connection that passes through this machine is cut by conntrack, also those of a network"
    : "without it such a connection goes on in spite of the ban";
  const skip = skipWithoutNamespace("nft", "conntrack");
  test(title, { skip }, async (t) => {
    const world = new World(t);
    const { client, router, server } = network(world);
    const echo = world.run(server, ECHO, "198.51.100.5");
    await until(() => echo.has("listening"), "the server listens");
    const talk = world.run(client, TALK, "198.51.100.5", "192.0.2.5", "192.0.2.6", "192.0.2.7");
    for (const address of ["192.0.2.5", "192.0.2.6", "192.0.2.7"]) await talk.more(`echo ${address}`, 1);
    const instance = world.start(router, NEW_ONES, killconnections);
    instance.client("set", "sshd", "banip", "192.0.2.5");
    if (!killconnections) {
      await talk.more("echo 192.0.2.5");
      return;
    }
    await until(() => talk.has("closed 192.0.2.5"), "the connection is cut");
    await talk.more("echo 192.0.2.6");
    instance.client("set", "sshd", "banip", "192.0.2.6/31");
    await until(() => talk.has("closed 192.0.2.6") && talk.has("closed 192.0.2.7"), "both are cut");
    assert.match(instance.read("fail2ban.log"), / INFO {4}\[sshd\] Cut 1 connection\(s\) of 192\.0\.2\.5\n/);
    assert.doesNotMatch(instance.read("fail2ban.log"), /killconnections:/);
  });
}
