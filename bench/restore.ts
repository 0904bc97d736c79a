import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../test/instance.ts";
import { addresses, type BenchServer, type ServerSubject, withServer } from "./server.ts";
import { count, printTable } from "./table.ts";

/** Bans of the database: how fast they are in force again, what they cost, how fast they are lifted. */

const TOTALS = [10_000, 50_000] as const;
/** Memory is looked at when the server has come to rest. */
const SETTLE_MS = 5000;
const LOOK_MS = 10;

/** Prints tables for servers that start with many bans. */
export async function benchRestore(subjects: readonly ServerSubject[]): Promise<void> {
  const rows: string[][] = [];
  const memory: string[][] = [];
  for (const subject of subjects) {
    for (const action of ["nftables-multiport", "iptables-ipset-proto6"]) {
      const measured = [];
      for (const total of TOTALS) measured.push(await measure(subject, action, total));
      const last = measured.at(-1)!;
      const what = `${subject.label}, ${action}`;
      rows.push([what, ...measured.map(({ restore }) => restore.toFixed(2)), last.stop.toFixed(2)]);
      memory.push([
        what,
        ...[last.idle, last.full, last.full - last.idle].map((kb) => (kb / 1024).toFixed(1)),
      ]);
    }
  }
  const [some, many] = TOTALS.map(count);
  printTable(
    `Stored bans: seconds from the making of the jail to the last in force; to stop, client included`,
    ["server", `${some}`, `${many}`, `stop of ${many}`],
    rows,
  );
  printTable(`Anonymous memory (RssAnon), MB`, ["server", "without bans", `with ${many}`, "more"], memory);
}

async function measure(subject: ServerSubject, action: string, total: number) {
  const idle = await withServer(subject, { action }, async (server) => {
    server.instance.start();
    await delay(SETTLE_MS);
    return server.memory().anonymous;
  });
  return withServer(subject, { action }, async (server) => {
    await server.store(total);
    const restore = await restoreSeconds(server, action, total);
    await delay(SETTLE_MS);
    const full = server.memory().anonymous;
    const stop = await server.stop();
    if (server.elements(action) > 0) throw new Error("bans are left in the firewall");
    return { restore, stop, idle, full };
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
