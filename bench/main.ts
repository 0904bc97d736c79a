import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Flavor, ROOT } from "../test/instance.ts";
import { skipWithoutNamespace } from "../test/namespace.ts";
import { referenceTree, skipWithoutReference } from "../test/reference.ts";
import { benchClient } from "./client.ts";
import { benchConfig } from "./config.ts";
import { benchDetect } from "./detect.ts";
import { benchEnforce } from "./enforce.ts";
import { benchIdle } from "./idle.ts";
import { benchLatency } from "./latency.ts";
import { benchMemory } from "./memory.ts";
import { benchProfile } from "./profile.ts";
import { benchThroughput } from "./throughput.ts";

/** `npm run bench [-- SUITE …] [-- --lines N --attackers N]`: prints tables, ours beside the reference. */

const { values, positionals } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    attackers: { type: "string", default: "50" },
    seconds: { type: "string", default: "60" },
  },
  allowPositionals: true,
});
const lines = Number(values.lines);

const missing = skipWithoutReference();
const stock = referenceTree();
if (missing || !stock) {
  console.error(
    `The benchmarks run on the stock configuration of the reference: ${missing}. Run scripts/reference.`,
  );
  process.exit(1);
}
const flavors: readonly Flavor[] = ["ours", "reference"];
const shipped = join(ROOT, "config");

/** A benchmark, and the programs that it needs in a network namespace of its own. */
interface Suite {
  readonly needs?: readonly string[];
  run(): void | Promise<void>;
}

const SUITES: Readonly<Record<string, Suite>> = {
  throughput: { run: () => benchThroughput(flavors, lines, 0.05) },
  latency: {
    needs: ["nft"],
    run: () =>
      benchLatency(
        [
          { label: "ours, inotify, shipped tree", flavor: "ours", tree: shipped, backend: "auto" },
          { label: "ours, inotify, stock tree", flavor: "ours", tree: stock, backend: "auto" },
          { label: "reference, polling, stock tree", flavor: "reference", tree: stock, backend: "auto" },
        ],
        Number(values.attackers),
      ),
  },
  memory: { run: () => benchMemory(flavors) },
  idle: { run: () => benchIdle(flavors, Number(values.seconds)) },
  detect: { run: () => benchDetect(lines) },
  enforce: {
    needs: ["nft", "ipset", "iptables"],
    run: () =>
      benchEnforce([
        { label: "ours, shipped tree", flavor: "ours", tree: shipped },
        { label: "ours, stock tree", flavor: "ours", tree: stock },
        { label: "reference, stock tree", flavor: "reference", tree: stock },
      ]),
  },
  config: { run: benchConfig },
  client: { run: benchClient },
  profile: { run: benchProfile },
};

/** What runs when nothing is named: from the log line to the firewall, and what it costs. */
const MAIN_SUITES = ["throughput", "latency", "memory"];

for (const name of positionals.length > 0 ? positionals : MAIN_SUITES) {
  const suite = SUITES[name];
  if (!suite) {
    console.error(`no such benchmark: ${name}; there are ${Object.keys(SUITES).join(", ")}`);
    process.exitCode = 1;
    continue;
  }
  const skip = suite.needs && skipWithoutNamespace(...suite.needs);
  if (skip) console.log(`\n${name}: skipped, ${skip}`);
  else await suite.run();
}
