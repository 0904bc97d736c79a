import { closeSync, openSync, readSync } from "node:fs";
import { readFilter } from "../src/config/filter-definition.ts";
import { ConfigTree } from "../src/config/tree.ts";
import { Filter } from "../src/detect/filter.ts";
import { LEVELS, LogHub } from "../src/log/logger.ts";
import { growSlowly, makeObjectsYoung, useLinearFallback } from "../src/main/engine.js";
import { lookupEncoding } from "../src/source/encoding.ts";
import { systemClock } from "../src/time/clock.ts";

/**
 * `detect-library.ts TREE FILTER-OR-REGEX LOG`: reads a log by blocks as the server does, gives them to a filter and
 * prints `{ lines, failures, seconds, resident }` of the second pass, in which the engine is warm.
 */

/** As the server. */
const BLOCK = 1 << 18;
const [tree, name, log] = process.argv.slice(2) as [string, string, string];
useLinearFallback();
makeObjectsYoung();
growSlowly();
run();
console.log(JSON.stringify(run()));

function run(): { lines: number; failures: number; seconds: number; resident: number } {
  const filter = newFilter();
  const decoder = lookupEncoding("utf-8", new Uint8Array());
  const buffer = Buffer.allocUnsafe(BLOCK);
  const file = openSync(log, "r");
  let lines = 0;
  let failures = 0;
  const count = () => {
    failures++;
  };
  const begin = performance.now();
  for (let position = 0; ; ) {
    const held = readSync(file, buffer, 0, BLOCK, position);
    const end = decoder.lastLineEnd(buffer, held);
    if (held === 0 || end <= 0) break;
    const { text, ascii } = decoder.decode(buffer.subarray(0, end));
    lines += filter.processBlock(text, { inOperation: false, ascii }, count).lines;
    position += end;
  }
  const seconds = (performance.now() - begin) / 1000;
  closeSync(file);
  return { lines, failures, seconds, resident: process.resourceUsage().maxRSS / 1024 };
}

function newFilter(): Filter {
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const filter = new Filter({ jail: "bench", clock: systemClock, log: hub.logger("filter") });
  filter.findTime = Number.POSITIVE_INFINITY;
  if (name.startsWith("^")) {
    filter.addFailRegex(name);
    return filter;
  }
  const definition = readFilter(new ConfigTree(tree, hub), name);
  if (!definition) throw new Error(`no such filter: ${name}`);
  if (definition.maxlines !== undefined) filter.maxLines = definition.maxlines;
  if (definition.prefregex) filter.prefRegex = definition.prefregex;
  for (const regex of definition.failregex) filter.addFailRegex(regex);
  for (const regex of definition.ignoreregex) filter.addIgnoreRegex(regex);
  if (definition.datepattern) filter.datePattern = definition.datepattern;
  return filter;
}
