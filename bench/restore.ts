import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../test/instance.ts";
import { addresses, type BenchServer, type ServerSubject, withServer } from "./server.ts";
import { count, printTable } from "./table.ts";

/** Bans of the database: how fast they are in force again, what they cost, how fast they are lifted. */

const ACTIONS = ["nftables-multiport", "iptables-ipset-proto6"] as const;
const SOME = 10_000;
const MANY = 50_000;
/** Memory is looked at when the server has come to rest. */
const SETTLE_MS = 8000;
const LOOK_MS = 10;

/** What is measured of a server with the most bans. */
interface Loaded {
  readonly restore: number;
  readonly stop: number;
  /** Anonymous memory, kilobytes. */
  readonly anonymous: number;
}

/** Prints tables for servers that start with many bans. */
export async function benchRestore(subjects: readonly ServerSubject[]): Promise<void> {
  const rows: string[][] = [];
  const memory: string[][] = [];
  for (const subject of subjects) {
    const idle = await idleMemory(subject);
    for (const action of ACTIONS) {
      const some = await measure(subject, action, SOME);
      const many = await measure(subject, action, MANY);
      const label = `${subject.label}, ${action}`;
      rows.push([label, ...[some.restore, many.restore, many.stop].map((seconds) => seconds.toFixed(2))]);
      const megabytes = [idle, many.anonymous, many.anonymous - idle].map((kb) => (kb / 1024).toFixed(1));
      memory.push([label, ...megabytes]);
    }
  }
  printTable(
    "Stored bans: seconds from the making of the jail to the last in force; to stop, client included",
    ["server", count(SOME), count(MANY), `stop of ${count(MANY)}`],
    rows,
  );
  printTable(
    "Anonymous memory (RssAnon) at rest, MB",
    ["server", "without bans", `with ${count(MANY)}`, "more"],
    memory,
  );
}

function idleMemory(subject: ServerSubject): Promise<number> {
  return withServer(subject, { action: ACTIONS[0] }, async (server) => {
    server.instance.start();
    await delay(SETTLE_MS);
    return server.memory().anonymous;
  });
}

function measure(subject: ServerSubject, action: string, total: number): Promise<Loaded> {
  return withServer(subject, { action }, async (server) => {
    await server.store(total);
    const restore = await restoreSeconds(server, action, total);
    if (total === MANY) await delay(SETTLE_MS);
    const { anonymous } = server.memory();
    const stop = await server.stop();
    if (server.elements(action) > 0) throw new Error("bans are left in the firewall");
    return { restore, stop, anonymous };
  });
}

async function restoreSeconds(server: BenchServer, action: string, total: number): Promise<number> {
  const { instance } = server;
  instance.write("fail2ban.log", "");
  instance.start();
  // The last in the order of the database. To look at all of them would cost as much as the restoring itself.
  const last = addresses(total).sort().at(-1)!;
  await until(() => isEnforced(server, action, last), "the last ban is in force", 120);
  const end = Date.now();
  if (server.elements(action) < total) throw new Error("bans are missing in the firewall");
  const begin = /^(\S+ \S+),(\d+) .*Creating new jail/m.exec(instance.read("fail2ban.log"));
  if (!begin) throw new Error("the log does not tell when the jail was made");
  return (end - (Date.parse(`${begin[1]}.${begin[2]}`) || 0)) / 1000;
}

async function isEnforced({ namespace }: BenchServer, action: string, ip: string): Promise<boolean> {
  await delay(LOOK_MS);
  const look = action.startsWith("nft")
    ? namespace.command("nft", "get", "element", "inet", "f2b-table", "addr-set-sshd", `{ ${ip} }`)
    : namespace.command("ipset", "test", "f2b-sshd", ip);
  const [command, ...args] = look;
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
