import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Flavor, ROOT } from "../test/instance.ts";
import { skipWithoutNamespace } from "../test/namespace.ts";
import { referenceTree, skipWithoutReference } from "../test/reference.ts";
import { benchClient } from "./client.ts";
import { benchConfig } from "./config.ts";
import { benchDetect } from "./detect.ts";
import { benchEnforce } from "./enforce.ts";
import { benchLatency } from "./latency.ts";
import { benchMemory } from "./memory.ts";
import { benchThroughput } from "./throughput.ts";

/** `npm run bench [-- throughput|detect|latency|memory|enforce|config|client …] [-- --lines N]`: prints tables, ours beside the reference. */

const { values, positionals } = parseArgs({
  options: { lines: { type: "string", default: "1000000" }, attackers: { type: "string", default: "50" } },
  allowPositionals: true,
});
const wanted =
  positionals.length > 0
    ? positionals
    : ["throughput", "detect", "latency", "memory", "enforce", "config", "client"];

const missing = skipWithoutReference();
if (missing || !referenceTree()) {
  console.error(
    `The benchmarks run on the stock configuration of the reference: ${missing}. Run scripts/reference.`,
  );
  process.exit(1);
}
const flavors: readonly Flavor[] = ["ours", "reference"];
const shipped = join(ROOT, "config");

for (const suite of wanted) {
  if (suite === "throughput") {
    await benchThroughput(flavors, Number(values.lines), 0.05);
  } else if (suite === "detect") benchDetect(Number(values.lines));
  else if (suite === "latency") {
    const skip = skipWithoutNamespace("nft");
    if (skip) console.log(`\nlatency: skipped, ${skip}`);
    else {
      const stock = referenceTree()!;
      await benchLatency(
        [
          { label: "ours, inotify, shipped tree", flavor: "ours", tree: shipped, backend: "auto" },
          { label: "ours, inotify, stock tree", flavor: "ours", tree: stock, backend: "auto" },
          { label: "reference, polling, stock tree", flavor: "reference", tree: stock, backend: "auto" },
        ],
        Number(values.attackers),
      );
    }
  } else if (suite === "enforce") {
    const skip = skipWithoutNamespace("nft", "ipset", "iptables");
    const stock = referenceTree()!;
    if (skip) console.log(`\nenforce: skipped, ${skip}`);
    else {
      await benchEnforce([
        { label: "ours, shipped tree", flavor: "ours", tree: shipped },
        { label: "ours, stock tree", flavor: "ours", tree: stock },
        { label: "reference, stock tree", flavor: "reference", tree: stock },
      ]);
    }
  } else if (suite === "memory") await benchMemory(flavors);
  else if (suite === "config") await benchConfig();
  else if (suite === "client") await benchClient();
  else
    console.error(
      `no such benchmark: ${suite}; there are throughput, detect, latency, memory, enforce, config, client`,
    );
}
