import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { failedLogin, until } from "../test/instance.ts";
import { cpuSecondsOf } from "./process.ts";
import { addresses, type ServerSubject, withServer } from "./server.ts";
import { SetMonitor } from "./set-monitor.ts";
import { count, printTable, quantile } from "./table.ts";

/** Attackers that come without end, each with as many failures as lead to a ban. */
export interface SustainedLoad {
  readonly perSecond: number;
  readonly seconds: number;
}

const TICK_MS = 10;
const LONGEST_WAIT_SECONDS = 30;

/** A subject and its firewall action. */
export interface SustainedSubject extends ServerSubject {
  readonly action: string;
}

/** Prints how long bans take, from the line to the kernel, while they come at a steady rate. */
export async function benchSustained(
  subjects: readonly SustainedSubject[],
  { perSecond, seconds }: SustainedLoad,
): Promise<void> {
  const rows: string[][] = [];
  for (const subject of subjects)
    rows.push([subject.label, ...(await measure(subject, { perSecond, seconds }))]);
  printTable(
    `${count(perSecond)} bans per second for ${seconds} s, actions and database on: ms from line to kernel`,
    ["server", "median", "p99", "max", "lost in kernel", "lost in database", "CPU"],
    rows,
  );
}

function measure(subject: SustainedSubject, { perSecond, seconds }: SustainedLoad): Promise<string[]> {
  return withServer(subject, { action: subject.action }, async (server) => {
    const { instance, namespace } = server;
    instance.start();
    await server.send("set", "sshd", "banip", "192.0.2.1");
    await until(() => server.elements("nft") === 1, "the set is made");
    const monitor = new SetMonitor(namespace);
    await delay(1000);
    const pid = Number(instance.read("f2b.pid"));
    const cpu = cpuSecondsOf(pid);
    const ips = addresses(perSecond * seconds);
    const times: number[] = [];
    const begin = performance.now();
    for (let done = 0; done < ips.length; ) {
      const due = Math.min(ips.length, Math.floor(((performance.now() - begin) / 1000) * perSecond));
      const some = ips.slice(done, due);
      const at = performance.now();
      for (const ip of some) monitor.expect(ip, (heard) => void times.push(heard - at));
      if (some.length > 0) instance.append("auth.log", some.map(threeFailures).join(""));
      done = Math.max(done, due);
      await delay(TICK_MS);
    }
    const deadline = performance.now() + LONGEST_WAIT_SECONDS * 1000;
    while (monitor.waiting > 0 && performance.now() < deadline) await delay(TICK_MS);
    monitor.close();
    const used = cpuSecondsOf(pid) - cpu;
    const inKernel = server.elements("nft") - 1;
    await server.stop();
    const database = new DatabaseSync(instance.path("f2b.sqlite3"));
    const onRecord = Number(database.prepare("SELECT count(*) AS n FROM bips").get()?.["n"]) - 1;
    database.close();
    return [
      ...[quantile(times, 0.5), quantile(times, 0.99), Math.max(...times)].map((ms) => ms.toFixed(1)),
      count(ips.length - inKernel),
      count(ips.length - onRecord),
      `${Math.round((100 * used) / seconds)} %`,
    ];
  });
}

let template = { second: 0, before: "", behind: "" };

/** To make each line anew would cost more than the server spends on it. */
function threeFailures(ip: string): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== template.second) {
    const [before = "", behind = ""] = failedLogin("10.0.0.1").split("10.0.0.1");
    template = { second, before, behind };
  }
  // Each attacker has a session of its own.
  const pid = ip.split(".").reduce((sum, part) => (sum * 256 + Number(part)) % 60_000, 0) + 1000;
  return `${template.before.replace(/\[\d+\]/, `[${pid}]`)}${ip}${template.behind}`.repeat(3);
}
