import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { jailNames, loadJails } from "../src/config/read.ts";
import { ConfigTree } from "../src/config/tree.ts";
import { LogHub } from "../src/log/logger.ts";
import { commandFolder, Instance } from "../test/instance.ts";
import { referenceCommand, referenceTree } from "../test/reference.ts";
import { count, printTable, quantile, ratio } from "./table.ts";

/**
 * Time from the call of the client to its end: the stock tree with every jail enabled, read and printed with `-d`.
 * Ours also with a file that changed each time, so that nothing that was kept from the run before is of use.
 */

type Subject = "ours" | "ours, after a change" | "reference";
const SUBJECTS: readonly Subject[] = ["ours", "ours, after a change", "reference"];
/** What changed so short a time ago is not kept, in milliseconds; see the cache of readings. */
const SETTLING_MS = 2500;

/** @param rounds number of runs of each subject, one after the other in turn */
export async function benchConfig(rounds = 15): Promise<void> {
  const trees = new Map(SUBJECTS.map((subject) => [subject, allJails()]));
  try {
    await delay(SETTLING_MS);
    const times = new Map<Subject, number[]>(SUBJECTS.map((subject) => [subject, []]));
    const commands = new Map<Subject, number>();
    for (let round = -1; round < rounds; round++) {
      for (const [subject, instance] of trees) {
        if (subject === "ours, after a change") instance.append("etc/jail.local", "# another line\n");
        const begin = performance.now();
        commands.set(subject, dump(subject, instance));
        // The first round fills caches and is not counted.
        if (round >= 0) times.get(subject)?.push(performance.now() - begin);
      }
    }
    const theirs = quantile(times.get("reference") ?? [], 0.5);
    const rows = SUBJECTS.map((subject) => {
      const all = times.get(subject) ?? [];
      const median = quantile(all, 0.5);
      return [
        subject,
        count(commands.get(subject) ?? 0),
        median.toFixed(0),
        Math.min(...all).toFixed(0),
        Math.max(...all).toFixed(0),
        subject === "reference" ? "" : ratio(theirs, median),
      ];
    });
    printTable(
      `Stock tree with every jail, read and printed (-d), whole process, ${rounds} runs each, ms`,
      ["client", "commands", "median", "min", "max", "reference/ours"],
      rows,
    );
  } finally {
    for (const instance of trees.values()) await instance.dispose();
  }
}

/** The stock tree with every jail enabled. */
function allJails(): Instance {
  const instance = new Instance({ flavor: "reference", tree: referenceTree()! });
  const tree = new ConfigTree(instance.path("etc"), new LogHub(() => {}));
  const jails = jailNames(loadJails(tree, "1"));
  instance.write("x.log", "");
  instance.write(
    "etc/jail.local",
    jails.map((jail) => `[${jail}]\nenabled = true\nlogpath = {DIR}/x.log\n`).join(""),
  );
  return instance;
}

/** Gives the number of commands printed. */
function dump(subject: Subject, instance: Instance): number {
  const args = ["-c", instance.path("etc"), "-d"];
  const line =
    subject === "reference"
      ? referenceCommand("fail2ban-client", ...args)
      : { command: join(commandFolder(), "fail2ban-client"), args, env: process.env };
  const { NODE_OPTIONS: _, ...env } = line.env;
  const run = spawnSync(line.command, line.args, { env, encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`${subject}: exit ${run.status}\n${run.stderr}`);
  return run.stdout.split("\n").length - 1;
}
