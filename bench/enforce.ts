import { setTimeout as delay } from "node:timers/promises";
import { failedLogin } from "../test/instance.ts";
import { Namespace } from "../test/namespace.ts";
import { type Daemon, type DaemonSubject, startDaemon } from "./daemon.ts";
import { addresses, type ServerSubject, withServer } from "./server.ts";
import { SetMonitor } from "./set-monitor.ts";
import { count, printTable, ratio } from "./table.ts";

/** Bans in large numbers, by hand and by log lines that come all at once. */

const BY_HAND = 1000;
const BURST = 50;

/** Prints how many bans and unbans by hand come into force per second. */
export async function benchByHand(subjects: readonly ServerSubject[]): Promise<void> {
  const rates = new Map<ServerSubject, [bans: number, unbans: number]>();
  for (const subject of subjects) rates.set(subject, await measureByHand(subject));
  const peers = new Map(
    subjects.filter(({ flavor }) => flavor === "reference").map((one) => [one.reference, one]),
  );
  const rows = [...rates].map(([{ label, flavor, reference }, ours]) => {
    const theirs = rates.get(peers.get(reference)!);
    const times = ours.map((rate, i) => (theirs && flavor === "ours" ? ratio(rate, theirs[i]!) : ""));
    return [label, count(ours[0]), times[0]!, count(ours[1]), times[1]!];
  });
  printTable(
    `${count(BY_HAND)} addresses by one command banip and one unbanip on the socket, nftables, per second`,
    ["server", "bans", "ours/reference", "unbans", "ours/reference"],
    rows,
  );
}

function measureByHand(subject: ServerSubject): Promise<[number, number]> {
  return withServer(subject, { action: "nftables-multiport" }, async (server) => {
    server.instance.start();
    await server.send("set", "sshd", "banip", "192.0.2.1");
    const ips = addresses(BY_HAND);
    const rate = async (command: string, left: number): Promise<number> => {
      const begin = performance.now();
      await server.send("set", "sshd", command, ...ips);
      const perSecond = (BY_HAND * 1000) / (performance.now() - begin);
      if (server.elements("nft") !== left)
        throw new Error(`${server.elements("nft")} bans instead of ${left}`);
      return perSecond;
    };
    return [await rate("banip", BY_HAND + 1), await rate("unbanip", 1)];
  });
}

/** Prints how long attackers stay whose failures come in one write: the first such write after a start, and a later one. */
export async function benchBurst(subjects: readonly DaemonSubject[]): Promise<void> {
  const rows: string[][] = [];
  for (const subject of subjects) rows.push([subject.label, ...(await measureBurst(subject))]);
  printTable(
    `${BURST} attackers in one write, nftables: ms until all are in the set`,
    ["server", "first write after the start", "third"],
    rows,
  );
}

async function measureBurst(subject: DaemonSubject): Promise<string[]> {
  const namespace = new Namespace();
  const monitor = new SetMonitor(namespace);
  let daemon: Daemon | undefined;
  try {
    daemon = await startDaemon(subject, namespace);
    const times: number[] = [];
    for (let burst = 0; burst < 3; burst++) {
      await delay(1000);
      const ips = addresses(BURST).map((ip) => ip.replace("10.0.0", `10.0.${burst}`));
      const lines = ips.map((ip) => failedLogin(ip).repeat(3)).join("");
      const seen = monitor.waitForAll(ips);
      const begin = performance.now();
      daemon.append(lines);
      times.push((await seen) - begin);
    }
    return [times[0]!.toFixed(0), times[2]!.toFixed(0)];
  } finally {
    monitor.close();
    await daemon?.dispose();
    namespace.delete();
  }
}
