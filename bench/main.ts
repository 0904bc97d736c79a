import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Flavor, ROOT } from "../test/instance.ts";
import { skipWithoutNamespace } from "../test/namespace.ts";
import { installPackage } from "../test/package.ts";
import { NEWER_REFERENCE, referenceTree, skipWithoutReference } from "../test/reference.ts";
import { benchClient } from "./client.ts";
import { benchConfig } from "./config.ts";
import { type DaemonSubject, sshguardSubjects } from "./daemon.ts";
import { benchDetect } from "./detect.ts";
import { benchBurst, benchByHand } from "./enforce.ts";
import { benchIdle } from "./idle.ts";
import { benchFirstAttacker, benchLatency } from "./latency.ts";
import { benchMemory } from "./memory.ts";
import { benchProfile } from "./profile.ts";
import { benchRestore } from "./restore.ts";
import type { ServerSubject } from "./server.ts";
import { benchGrowth, benchManyFiles } from "./sources.ts";
import { benchStop } from "./stop.ts";
import { benchSustained } from "./sustained.ts";
import { benchThroughput } from "./throughput.ts";

/** `npm run bench [-- SUITE …] [-- --lines N --attackers N --seconds N]`: prints tables, ours beside the reference. */

const { values, positionals } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    attackers: { type: "string", default: "50" },
    seconds: { type: "string", default: "60" },
  },
  allowPositionals: true,
});
const lines = Number(values.lines);

// What is measured is what users install.
const installed = mkdtempSync(join(tmpdir(), "fail2ban-ts-installed-"));
process.on("exit", () => rmSync(installed, { recursive: true, force: true }));
process.env["FAIL2BAN_TS_BIN"] = installPackage(installed);

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
const shippedServer = { label: "ours, shipped tree", flavor: "ours", tree: shipped } as const;
const stockServer = { label: "ours, stock tree", flavor: "ours", tree: stock } as const;
const ownServers: readonly ServerSubject[] = [shippedServer, stockServer];
const servers: readonly ServerSubject[] = [
  ...ownServers,
  { label: "reference, stock tree", flavor: "reference", tree: stock },
];
/** The stock tree of the newer package, where that is there. */
const newerServers = (): ServerSubject[] => {
  const tree = NEWER_REFERENCE.tree();
  if (tree === null || NEWER_REFERENCE.skip()) return [];
  const { release } = NEWER_REFERENCE;
  return (["ours", "reference"] as const).map((flavor) => ({
    label: `${flavor === "ours" ? "ours" : `reference ${release}`}, stock tree of ${release}`,
    flavor,
    tree,
    reference: NEWER_REFERENCE,
  }));
};
/** Programs that read a log by inotify, as far as they can. */
const watchers = (): DaemonSubject[] => [
  { label: "ours, inotify, shipped tree", flavor: "ours", tree: shipped, backend: "auto" },
  { label: "ours, inotify, stock tree", flavor: "ours", tree: stock, backend: "auto" },
  { label: "reference, polling, stock tree", flavor: "reference", tree: stock, backend: "auto" },
  ...sshguardSubjects(),
];
/** The sets as newer versions of the reference make them. */
const INTERVAL_SETS = String.raw`nftables-multiport[addr_type="ipv4_addr\; flags interval"]`;

/** A benchmark, and the programs that it needs in a network namespace of its own. */
interface Suite {
  readonly needs?: readonly string[];
  run(): void | Promise<void>;
}

const SUITES: Readonly<Record<string, Suite>> = {
  throughput: { run: () => benchThroughput(flavors, lines, 0.05) },
  latency: {
    needs: ["nft"],
    run: () => benchLatency(watchers(), Number(values.attackers)),
  },
  first: {
    needs: ["nft"],
    run: () => benchFirstAttacker(watchers()),
  },
  memory: { run: () => benchMemory(flavors) },
  idle: { run: () => benchIdle(flavors, Number(values.seconds)) },
  growth: { run: benchGrowth },
  files: { run: benchManyFiles },
  detect: { run: () => benchDetect(lines) },
  enforce: {
    needs: ["nft"],
    run: async () => {
      await benchByHand([...servers, ...newerServers()]);
      await benchBurst([...servers, ...sshguardSubjects()]);
      await benchStop(servers);
    },
  },
  restore: {
    needs: ["nft", "ipset"],
    run: () => benchRestore(ownServers),
  },
  sustained: {
    needs: ["nft"],
    run: () =>
      benchSustained(
        [
          { ...shippedServer, action: "nftables-multiport" },
          { ...stockServer, label: "ours, stock tree, interval sets", action: INTERVAL_SETS },
        ],
        { perSecond: 1000, seconds: Number(values.seconds) },
      ),
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
