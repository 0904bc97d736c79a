import { join } from "node:path";
import { readFilter } from "../src/config/filter-definition.ts";
import { ConfigTree } from "../src/config/tree.ts";
import type { Failure } from "../src/detect/failure.ts";
import { Filter } from "../src/detect/filter.ts";
import { LEVELS, LogHub, type LogRecord } from "../src/log/logger.ts";
import { ManualClock } from "../src/time/clock.ts";

/** The shipped configuration tree. */
export const SHIPPED = join(import.meta.dirname, "../config");

/** The fixed time of all tests of filters: 2005-08-14 12:00:00 in Zurich. */
export const NOW = 1_124_013_600;

/** Filters that are complete by themselves, with the modes they know. */
export const FILTER_MODES: Readonly<Record<string, readonly string[]>> = {
  sshd: ["normal", "ddos", "extra", "aggressive"],
  "nginx-http-auth": ["normal", "auth", "fallback", "aggressive"],
  "nginx-botsearch": ["normal"],
  postfix: ["normal", "more", "auth", "rbl", "ddos", "extra", "aggressive", "errors"],
  dovecot: ["normal", "aggressive"],
  recidive: ["normal"],
};

/** A shipped filter, and what it had to say about its work. */
export interface ShippedFilter {
  readonly filter: Filter;
  /** Warnings and errors, of reading and of matching. */
  readonly complaints: readonly LogRecord[];
}

/**
 * A shipped filter with the given options, set up as a jail sets it up; lines of any age count.
 *
 * @throws when there is no such filter, or when its definition is not valid
 */
export function shippedFilter(name: string, options: Readonly<Record<string, string>> = {}): ShippedFilter {
  const complaints: LogRecord[] = [];
  const hub = new LogHub((record) => complaints.push(record), LEVELS.WARNING);
  const parameters = new Map(Object.entries(options));
  const definition = readFilter(new ConfigTree(SHIPPED, hub), name, { parameters });
  if (!definition) throw new Error(`there is no filter ${name}`);
  const filter = new Filter({ jail: name, clock: new ManualClock(NOW), log: hub.logger("filter") });
  filter.findTime = Number.POSITIVE_INFINITY;
  if (definition.maxlines !== undefined) filter.maxLines = definition.maxlines;
  if (definition.prefregex) filter.prefRegex = definition.prefregex;
  for (const regex of definition.failregex) filter.addFailRegex(regex);
  for (const regex of definition.ignoreregex) filter.addIgnoreRegex(regex);
  if (definition.datepattern) filter.datePattern = definition.datepattern;
  return { filter, complaints };
}

/** What would be banned: an address, a network or a host name. */
export function subjectText({ subject }: Failure): string {
  return "id" in subject ? subject.id.text : subject.hostName;
}
