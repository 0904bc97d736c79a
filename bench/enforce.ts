import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { sendOnce } from "../src/control/connection.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Flavor, failedLogin, Instance, until } from "../test/instance.ts";
import { Namespace } from "../test/namespace.ts";
import { memoryOf } from "./process.ts";
import { SetMonitor } from "./set-monitor.ts";
import { count, printTable } from "./table.ts";

/** Bans in large numbers: how fast they come into force and are lifted, and what they cost. */

/** One server that is measured. */
export interface EnforceSubject {
  readonly label: string;
  readonly flavor: Flavor;
  readonly tree: string;
}

/** A measurement: the columns of its row after the label. */
type Measure = (subject: EnforceSubject) => Promise<string[]>;

const BANS_BY_HAND = 1000;
const BURST = 50;
const RESTORED = 10_000;
const MANY = 50_000;
const LOOK_MS = 100;

/** Prints tables for each way in which bans come and go. */
export async function benchEnforce(subjects: readonly EnforceSubject[]): Promise<void> {
  const ours = subjects.filter(({ flavor }) => flavor === "ours");
  const table = async (title: string, header: string[], who: readonly EnforceSubject[], measure: Measure) => {
    const rows: string[][] = [];
    for (const subject of who) rows.push([subject.label, ...(await measure(subject))]);
    printTable(title, ["server", ...header], rows);
  };
  await table(
    `${count(BANS_BY_HAND)} addresses by one command banip and one unbanip on the socket, nftables, per second`,
    ["bans", "unbans"],
    subjects,
    measureByHand,
  );
  await table(
    `${BURST} attackers in one write, nftables, ms until all are in the set`,
    ["ms"],
    subjects,
    measureBurst,
  );
  await table(
    `${count(RESTORED)} stored bans: seconds from the making of the jail to the last in force`,
    ["nftables", "ipset", "iptables"],
    ours,
    async (subject) => [
      await measureRestore(subject, "nftables-multiport", RESTORED),
      await measureRestore(subject, "iptables-ipset-proto6", RESTORED),
      await measureRestore(subject, "iptables-multiport", RESTORED),
    ],
  );
  await table(
    `${count(MANY)} stored bans, nftables: seconds to restore, to stop (client included); memory, MB above idle, while they last`,
    ["restore", "stop", "resident", "anonymous"],
    ours,
    measureMany,
  );
}

function makeInstance({ flavor, tree }: EnforceSubject, namespace: Namespace, action: string): Instance {
  const instance = new Instance({
    flavor,
    tree,
    namespace,
    files: {
      "jail.local":
        `[DEFAULT]\nbanaction = ${action}\nmaxretry = 3\nbantime = 1d\n` +
        "[sshd]\nenabled = true\nbackend = auto\nlogpath = {DIR}/auth.log\n",
    },
  });
  instance.write("auth.log", "");
  return instance;
}

async function withServer<T>(
  subject: EnforceSubject,
  action: string,
  use: (instance: Instance, namespace: Namespace) => Promise<T>,
): Promise<T> {
  const namespace = new Namespace();
  const instance = makeInstance(subject, namespace, action);
  try {
    return await use(instance, namespace);
  } finally {
    await instance.dispose();
    namespace.delete();
  }
}

function addresses(total: number): string[] {
  return Array.from({ length: total }, (_, i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
}

const measureByHand: Measure = (subject) =>
  withServer(subject, "nftables-multiport", async (instance, namespace) => {
    instance.start();
    instance.client("set", "sshd", "banip", "192.0.2.1");
    const ips = addresses(BANS_BY_HAND);
    const rate = async (command: string) => {
      const begin = performance.now();
      await sendOnce(instance.path("f2b.sock"), ["set", "sshd", command, ...ips], { clock: systemClock });
      return count((BANS_BY_HAND * 1000) / (performance.now() - begin));
    };
    const rates = [await rate("banip")];
    if (elements(namespace) < BANS_BY_HAND) throw new Error("bans are missing in the firewall");
    rates.push(await rate("unbanip"));
    if (elements(namespace) !== 1) throw new Error("bans are left in the firewall");
    return rates;
  });

const measureBurst: Measure = (subject) =>
  withServer(subject, "nftables-multiport", async (instance, namespace) => {
    instance.start();
    instance.client("set", "sshd", "banip", "192.0.2.1");
    const monitor = new SetMonitor(namespace);
    await delay(1000);
    const ips = addresses(BURST);
    const seen = monitor.waitForAll(ips);
    const begin = performance.now();
    instance.append("auth.log", ips.map((ip) => failedLogin(ip).repeat(3)).join(""));
    const end = await seen;
    monitor.close();
    return [(end - begin).toFixed(0)];
  });

/** Stores bans in the database of a server that was started once and stopped. */
function store(instance: Instance, total: number): void {
  instance.start();
  instance.client("stop");
  const database = new DatabaseSync(instance.path("f2b.sqlite3"));
  const insert = (table: string) =>
    database.prepare(
      `INSERT INTO ${table} (jail, ip, timeofban, bantime, bancount, data) VALUES ('sshd', ?, ?, 86400, 1, ?)`,
    );
  const now = Math.floor(Date.now() / 1000) - 60;
  const line = `Failed password for root from a host, ${randomBytes(20).toString("hex")}`;
  const data = JSON.stringify({ matches: [line, line, line], failures: 3 });
  database.exec("BEGIN");
  const statements = ["bans", "bips"].map(insert);
  for (const ip of addresses(total)) for (const statement of statements) statement.run(ip, now, data);
  database.exec("COMMIT");
  database.close();
}

function measureRestore(subject: EnforceSubject, action: string, total: number): Promise<string> {
  return withServer(subject, action, async (instance, namespace) => {
    store(instance, total);
    return (await restoreSeconds(instance, namespace, action, total)).toFixed(2);
  });
}

async function restoreSeconds(
  instance: Instance,
  namespace: Namespace,
  action: string,
  total: number,
): Promise<number> {
  instance.write("fail2ban.log", "");
  instance.start();
  const enforced = () => {
    if (action.startsWith("nft")) return elements(namespace);
    if (action.includes("ipset")) return namespace.run("ipset", "save").split("\nadd ").length - 1;
    return namespace.run("iptables", "-S").split(" -s ").length - 1;
  };
  // Looking costs as much as the restoring itself, so it is done seldom.
  while (enforced() < total) await delay(LOOK_MS);
  const end = Date.now();
  const begin = /^(\S+ \S+),(\d+) .*Creating new jail/m.exec(instance.read("fail2ban.log"));
  if (!begin) throw new Error("the log does not tell when the jail was made");
  return (end - (Date.parse(`${begin[1]}.${begin[2]}`) || 0)) / 1000;
}

const measureMany: Measure = (subject) =>
  withServer(subject, "nftables-multiport", async (instance, namespace) => {
    store(instance, 0);
    instance.start();
    await delay(3000);
    const idle = memoryOf(Number(instance.read("f2b.pid")));
    instance.client("stop");
    await until(() => instance.read("f2b.pid") === "", "the server ends");
    store(instance, MANY);
    const restore = await restoreSeconds(instance, namespace, "nftables-multiport", MANY);
    await delay(5000);
    const full = memoryOf(Number(instance.read("f2b.pid")));
    const begin = performance.now();
    instance.client("stop");
    await until(() => instance.read("f2b.pid") === "", "the server ends");
    const stop = (performance.now() - begin) / 1000;
    const above = (kind: "resident" | "anonymous") => ((full[kind] - idle[kind]) / 1024).toFixed(1);
    return [restore.toFixed(2), stop.toFixed(2), above("resident"), above("anonymous")];
  });

/** Number of elements in all sets. */
function elements(namespace: Namespace): number {
  return namespace.nftRuleset().match(/\b(?:10|192)\.\d+\.\d+\.\d+/g)?.length ?? 0;
}
