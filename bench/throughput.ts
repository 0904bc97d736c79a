import { type Flavor, Instance } from "../test/instance.ts";
import { referenceTree } from "../test/reference.ts";
import { authLog, writeBlocks } from "./generate.ts";
import { busySeconds } from "./process.ts";
import { count, printTable, ratio } from "./table.ts";

/** Lines per second from a log file to failures: `fail2ban-regex`, and the server digesting the same file. */

const SEED = 20261121;
const FINDTIME_HOURS = 3;

/** How a run went. */
interface Run {
  readonly seconds: number;
  /** Failures that were counted. */
  readonly failures: number;
}

/** @param lines length of the log; @param share share of its lines that are failures */
export async function benchThroughput(
  flavors: readonly Flavor[],
  lines: number,
  share: number,
): Promise<void> {
  const rows: string[][] = [];
  for (const [what, measure] of [
    ["fail2ban-regex", runTester],
    ["server", runServer],
  ] as const) {
    const runs = new Map<Flavor, Run>();
    for (const flavor of flavors) runs.set(flavor, await withLog(flavor, lines, share, measure));
    const theirs = runs.get("reference");
    for (const [flavor, { seconds, failures }] of runs) {
      const speed = lines / seconds;
      const times = theirs && flavor === "ours" ? ratio(speed, lines / theirs.seconds) : "";
      rows.push([`${what} (${flavor})`, seconds.toFixed(2), count(speed), count(failures), times]);
    }
  }
  const title = `Auth log of ${count(lines)} lines, ${100 * share} % failures, stock sshd filter`;
  printTable(title, ["program", "s", "lines/s", "failures", "ours/reference"], rows);
}

async function withLog(
  flavor: Flavor,
  lines: number,
  share: number,
  measure: (instance: Instance) => Run | Promise<Run>,
): Promise<Run> {
  const instance = new Instance({ flavor, tree: referenceTree()!, files: { "jail.local": JAIL } });
  try {
    const interval = (0.8 * FINDTIME_HOURS * 3600) / lines;
    const start = Date.now() / 1000 - interval * lines;
    const options = { lines, failures: share, attackers: 2000, seed: SEED, start, interval };
    writeBlocks(instance.path("auth.log"), authLog(options));
    return await measure(instance);
  } finally {
    await instance.dispose();
  }
}

/** No action and no ban: what is measured is reading, matching and counting. */
const JAIL = `[DEFAULT]
backend = polling
[sshd]
enabled = true
logpath = {DIR}/auth.log
findtime = ${FINDTIME_HOURS}h
maxretry = 1000000
maxmatches = 1
action =
`;

function runTester(instance: Instance): Run {
  const begin = performance.now();
  const result = instance.run(
    "fail2ban-regex",
    instance.path("auth.log"),
    instance.path("etc/filter.d/sshd.conf"),
  );
  const seconds = (performance.now() - begin) / 1000;
  const failures = Number(/(\d+) matched/.exec(result.stdout)?.[1]);
  if (Number.isNaN(failures)) throw new Error(`no result: ${result.stdout}${result.stderr}`);
  return { seconds, failures };
}

async function runServer(instance: Instance): Promise<Run> {
  const begin = performance.now();
  instance.start();
  const seconds = await busySeconds(Number(instance.read("f2b.pid")), begin);
  const failures = Number(/Total failed:\s*(\d+)/.exec(instance.client("status", "sshd"))?.[1]);
  return { seconds, failures };
}
