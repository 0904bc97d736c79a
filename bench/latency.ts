import { setTimeout as delay } from "node:timers/promises";
import { type Flavor, failedLogin, Instance, until } from "../test/instance.ts";
import { Namespace } from "../test/namespace.ts";
import { seededRandom } from "./generate.ts";
import { SetMonitor } from "./set-monitor.ts";
import { printTable, quantile, ratio } from "./table.ts";

/** Time from appending the line that decides to the element in the kernel's nftables set. */

/** One server that is measured. */
export interface LatencySubject {
  readonly label: string;
  readonly flavor: Flavor;
  readonly tree: string;
  readonly backend: "auto" | "polling";
}

/** @param attackers number of bans measured for each subject */
export async function benchLatency(subjects: readonly LatencySubject[], attackers: number): Promise<void> {
  const results = new Map<LatencySubject, number[]>();
  for (const subject of subjects) results.set(subject, await measure(subject, attackers));
  const theirs = [...results].find(([subject]) => subject.flavor === "reference")?.[1];
  const rows = [...results].map(([{ label, flavor }, times]) => [
    label,
    quantile(times, 0.5).toFixed(2),
    quantile(times, 0.95).toFixed(2),
    Math.max(...times).toFixed(2),
    theirs && flavor === "ours" ? ratio(quantile(theirs, 0.5), quantile(times, 0.5)) : "",
  ]);
  const title = `From the deciding line to the nftables set, ${attackers} attackers at random moments, ms`;
  printTable(title, ["server", "median", "p95", "max", "reference/ours"], rows);
}

async function measure(subject: LatencySubject, attackers: number): Promise<number[]> {
  const namespace = new Namespace();
  const instance = new Instance({
    flavor: subject.flavor,
    tree: subject.tree,
    namespace,
    files: {
      "jail.local":
        `[DEFAULT]\nbanaction = nftables-multiport\nbackend = ${subject.backend}\nmaxretry = 3\n` +
        `[sshd]\nenabled = true\nbackend = ${subject.backend}\nlogpath = {DIR}/auth.log\n`,
    },
  });
  instance.write("auth.log", "");
  const monitor = new SetMonitor(namespace);
  try {
    instance.start();
    // The first ban makes table and set; it is not measured.
    instance.append("auth.log", failedLogin("192.0.2.1").repeat(3));
    await until(() => namespace.nftRuleset().includes("192.0.2.1"), "the first ban is enforced");
    const random = seededRandom(7);
    const times: number[] = [];
    for (let i = 1; i <= attackers; i++) {
      const ip = `198.51.100.${i}`;
      instance.append("auth.log", failedLogin(ip).repeat(2));
      await delay(100 + random() * 1000);
      const line = failedLogin(ip);
      const seen = monitor.waitFor(ip);
      const begin = performance.now();
      instance.append("auth.log", line);
      times.push((await seen) - begin);
    }
    return times;
  } finally {
    monitor.close();
    await instance.dispose();
    namespace.delete();
  }
}
