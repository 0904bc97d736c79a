import { join } from "node:path";
import { readFilter } from "../src/config/filter-definition.ts";
import { ConfigTree } from "../src/config/tree.ts";
import { Filter } from "../src/detect/filter.ts";
import { LineFeed } from "../src/jail/line-feed.ts";
import { LEVELS, LogHub } from "../src/log/logger.ts";
import { systemClock } from "../src/time/clock.ts";
import { ROOT } from "../test/instance.ts";
import { authLog } from "./generate.ts";
import { count, printTable, quantile } from "./table.ts";

/** What it costs to keep account of what a jail's lines cost: the filter alone, and the feed that measures it. */

const LINES = 100_000;
const ROUNDS = 21;

/** Prints the time that blocks of several sizes take with and without being measured, in turns. */
export function benchProfile(): void {
  const rows = [1, 10, 2000].map((linesOfBlock) => {
    const blocks = blocksOf(linesOfBlock);
    const filter = sshdFilter();
    const feed = new LineFeed(filter, () => {});
    const ways = {
      alone: (block: string) =>
        void filter.processBlock(block, { inOperation: false, ascii: true }, () => {}),
      measured: (block: string) => feed.process(block, ORIGIN, false, true),
    };
    const times = { alone: [] as number[], measured: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const names = round % 2 === 0 ? (["alone", "measured"] as const) : (["measured", "alone"] as const);
      for (const name of names) {
        const begin = performance.now();
        for (const block of blocks) ways[name](block);
        times[name].push(performance.now() - begin);
      }
    }
    const [alone, measured] = [times.alone, times.measured].map((list) => quantile(list.slice(4), 0.5) * 1e6);
    const perBlock = (ns: number) => count(ns / blocks.length);
    return [
      count(linesOfBlock),
      perBlock(alone!),
      perBlock(measured!),
      `${((measured! / alone! - 1) * 100).toFixed(1)} %`,
    ];
  });
  printTable(
    "Blocks of the auth log through the sshd filter, ns",
    ["lines", "alone", "measured", "more"],
    rows,
  );
}

/** Stands for the file. */
const ORIGIN = {};

function blocksOf(linesOfBlock: number): string[] {
  const log = [
    ...authLog({
      lines: LINES,
      failures: 0.05,
      attackers: 500,
      seed: 1,
      start: Date.now() / 1000,
      interval: 0.001,
    }),
  ].join("");
  const lines = log.split("\n").slice(0, -1);
  // Few enough of the small ones that a round takes some milliseconds.
  const used = linesOfBlock === 1 ? lines.slice(0, 5000) : lines.slice(0, 50_000);
  const blocks: string[] = [];
  for (let at = 0; at < used.length; at += linesOfBlock) {
    blocks.push(`${used.slice(at, at + linesOfBlock).join("\n")}\n`);
  }
  return blocks;
}

function sshdFilter(): Filter {
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const filter = new Filter({ jail: "bench", clock: systemClock, log: hub.logger("filter") });
  filter.findTime = Number.POSITIVE_INFINITY;
  const definition = readFilter(new ConfigTree(join(ROOT, "config"), hub), "sshd");
  if (definition?.prefregex) filter.prefRegex = definition.prefregex;
  for (const regex of definition?.failregex ?? []) filter.addFailRegex(regex);
  return filter;
}
