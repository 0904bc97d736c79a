import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { referenceTree } from "./reference.ts";
import { shared, skipWithout } from "./shared.ts";

/** Sample lines for the filters of the reference's stock tree, with what it made of them. */

/** One line, and how its filter is set. */
export interface StockSample {
  readonly options: Readonly<Record<string, string>>;
  /** Lines with the same one went through the same filter, one after the other; not given: those with the same options. */
  readonly instance?: string;
  readonly line: string;
  /** The line came from a journal, with its time. */
  readonly journal?: boolean;
}

const folder = shared("corpus", "stock-1.0.2");

/** For node:test's `skip` option: a reason when lines or filters are not there, else `false`. */
export const skipWithoutStockCorpus: string | false =
  skipWithout("corpus", "stock-1.0.2") || (referenceTree() ? false : "the reference's tree is not unpacked");

/** Names of the filters that there are lines for. */
export const STOCK_FILTERS: readonly string[] = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith(".jsonl"))
      .map((file) => file.slice(0, -".jsonl".length))
  : [];

/** The lines for a filter, in their order. */
export function stockSamples<Sample extends StockSample = StockSample>(filter: string): Sample[] {
  const lines = readFileSync(join(folder, `${filter}.jsonl`), "utf8").split("\n");
  return lines.filter(Boolean).map((text) => JSON.parse(text) as Sample);
}

/** What tells filters apart that must not see each other's lines. */
export function instanceOf({ instance, options }: StockSample): string {
  return instance ?? JSON.stringify(options);
}
