import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { jailNames, loadJails } from "../src/config/read.ts";
import { ConfigTree } from "../src/config/tree.ts";
import { LogHub } from "../src/log/logger.ts";
import { type Flavor, Instance, ROOT } from "../test/instance.ts";
import { referenceCommand, referenceTree } from "../test/reference.ts";
import { count, printTable, quantile, ratio } from "./table.ts";

/** Time from the call of the client to its end: the stock tree with every jail enabled, read and printed with `-d`. */

/** @param rounds number of runs of each client, one after the other in turn */
export async function benchConfig(rounds = 9): Promise<void> {
  const instance = new Instance({ flavor: "reference", tree: referenceTree()! });
  try {
    enableAllJails(instance);
    const times: Record<Flavor, number[]> = { ours: [], reference: [] };
    const commands: Record<Flavor, number> = { ours: 0, reference: 0 };
    for (let round = -1; round < rounds; round++) {
      for (const flavor of ["ours", "reference"] as const) {
        const begin = performance.now();
        commands[flavor] = dump(flavor, instance);
        // The first round fills caches and is not counted.
        if (round >= 0) times[flavor].push(performance.now() - begin);
      }
    }
    const theirs = quantile(times.reference, 0.5);
    const rows = (["ours", "reference"] as const).map((flavor) => {
      const median = quantile(times[flavor], 0.5);
      return [
        flavor,
        count(commands[flavor]),
        median.toFixed(0),
        Math.min(...times[flavor]).toFixed(0),
        Math.max(...times[flavor]).toFixed(0),
        flavor === "ours" ? ratio(theirs, median) : "",
      ];
    });
    printTable(
      `Stock tree with every jail, read and printed (-d), whole process, ${rounds} runs each, ms`,
      ["client", "commands", "median", "min", "max", "reference/ours"],
      rows,
    );
  } finally {
    await instance.dispose();
  }
}

function enableAllJails(instance: Instance): void {
  const tree = new ConfigTree(instance.path("etc"), new LogHub(() => {}));
  const jails = jailNames(loadJails(tree, "1"));
  instance.write("x.log", "");
  instance.write(
    "etc/jail.local",
    jails.map((jail) => `[${jail}]\nenabled = true\nlogpath = {DIR}/x.log\n`).join(""),
  );
}

/** Gives the number of commands printed. */
function dump(flavor: Flavor, instance: Instance): number {
  const args = ["-c", instance.path("etc"), "-d"];
  const line =
    flavor === "ours"
      ? { command: join(ROOT, "bin/fail2ban-client"), args, env: process.env }
      : referenceCommand("fail2ban-client", ...args);
  const { NODE_OPTIONS: _, ...env } = line.env;
  const run = spawnSync(line.command, line.args, { env, encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`${flavor} client: exit ${run.status}\n${run.stderr}`);
  return run.stdout.split("\n").length - 1;
}
