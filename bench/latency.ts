import { setTimeout as delay } from "node:timers/promises";
import { failedLogin } from "../test/instance.ts";
import { Namespace } from "../test/namespace.ts";
import { type Daemon, type DaemonSubject, launchDaemon, startDaemon } from "./daemon.ts";
import { seededRandom } from "./generate.ts";
import { SetMonitor } from "./set-monitor.ts";
import { printTable, quantile, ratio } from "./table.ts";

/** Time from appending the line that decides to the element in the kernel's nftables set. */

/** @param attackers number of bans measured for each subject */
export async function benchLatency(subjects: readonly DaemonSubject[], attackers: number): Promise<void> {
  const results = new Map<DaemonSubject, number[]>();
  for (const subject of subjects) results.set(subject, await measure(subject, attackers));
  const peers = (["reference", "sshguard"] as const).map(
    (peer) => [...results].find(([{ flavor }]) => flavor === peer)?.[1],
  );
  const rows = [...results].map(([{ label, flavor }, times]) => [
    label,
    quantile(times, 0.5).toFixed(2),
    quantile(times, 0.95).toFixed(2),
    Math.max(...times).toFixed(2),
    ...peers.map((theirs) =>
      theirs && flavor === "ours" ? ratio(quantile(theirs, 0.5), quantile(times, 0.5)) : "",
    ),
  ]);
  const title = `From the deciding line to the nftables set, ${attackers} attackers at random moments, ms`;
  printTable(title, ["server", "median", "p95", "max", "reference/ours", "sshguard/ours"], rows);
}

async function measure(subject: DaemonSubject, attackers: number): Promise<number[]> {
  const namespace = new Namespace();
  const monitor = new SetMonitor(namespace);
  let daemon: Daemon | undefined;
  try {
    daemon = await startDaemon(subject, namespace);
    const random = seededRandom(7);
    const times: number[] = [];
    for (let i = 1; i <= attackers; i++) {
      const ip = `198.51.100.${i}`;
      daemon.append(failedLogin(ip).repeat(2));
      await delay(100 + random() * 1000);
      const line = failedLogin(ip);
      const seen = monitor.waitFor(ip);
      const begin = performance.now();
      daemon.append(line);
      times.push((await seen) - begin);
    }
    return times;
  } finally {
    monitor.close();
    await daemon?.dispose();
    namespace.delete();
  }
}

/** A server that has started has come to rest. */
const REST_MS = 10_000;
const STARTS = 3;

/** Prints how long the very first attacker stays: the firewall is set up for him, and nothing has been used before. */
export async function benchFirstAttacker(subjects: readonly DaemonSubject[]): Promise<void> {
  const rows: string[][] = [];
  for (const subject of subjects) {
    const times: number[] = [];
    for (let start = 0; start < STARTS; start++) times.push(await measureFirst(subject));
    rows.push([subject.label, ...times.sort((a, b) => a - b).map((ms) => ms.toFixed(0))]);
  }
  const title = `The first attacker, ${REST_MS / 1000} s after the start, in ${STARTS} starts, ms`;
  printTable(title, ["server", "best", "median", "worst"], rows);
}

async function measureFirst(subject: DaemonSubject): Promise<number> {
  const namespace = new Namespace();
  const monitor = new SetMonitor(namespace);
  let daemon: Daemon | undefined;
  try {
    daemon = await launchDaemon(subject, namespace);
    await delay(REST_MS);
    const ip = "198.51.100.1";
    const seen = monitor.waitFor(ip);
    const begin = performance.now();
    daemon.append(failedLogin(ip).repeat(3));
    return (await seen) - begin;
  } finally {
    monitor.close();
    await daemon?.dispose();
    namespace.delete();
  }
}
