import { setImmediate } from "node:timers/promises";
import type { ExpressionCost } from "../detect/expression-costs.ts";
import { type FailureData, lineText, matchesOf } from "../detect/failure.ts";
import type { Jail } from "../jail/jail.ts";
import type { Jails } from "../jail/jails.ts";
import { failure } from "../pyvalue/errors.ts";
import { PyFloat, type PyValue } from "../pyvalue/value.ts";
import { texts } from "./arguments.ts";
import { dictionary } from "./search.ts";
import { sourcesOfJail } from "./source-states.ts";

/** Bytes that a ticket and what belongs to it take beside its lines: as measured, about. */
const BAN_BYTES = 260;
const FAILURE_BYTES = 450;
/** Places behind the point: microseconds of seconds, nanoseconds of microseconds. */
const DIGITS = 6;

const RESET = "--reset";

/** Whether `profile` is to begin anew, and not only to tell. */
export function isReset(command: readonly PyValue[]): boolean {
  return command.slice(1).includes(RESET);
}

/**
 * `profile [JAIL]`: where time and memory go. A dictionary with `server` (`uptime`, `cpu` in seconds, `memory` and `heap`
 * in bytes) and `jails`, by name: `reading` (`seconds`, `blocks`, `characters`, `sample`), `memory` (`bytes`, estimated;
 * `failing` and `banned`, how many), `expressions`, `actions` and `sources`, these as for `status JAIL sources`.
 *
 * What a jail's lines cost altogether is counted all the time. What each expression costs is measured when asked for, on a
 * sample of the lines that the jail has read lately: `tried` and `matched` of those, `microseconds` for each, and `share`,
 * its part of all the jail's expressions and dates; `found` are its failures since the start.
 *
 * `profile --reset [JAIL]` begins to count anew.
 */
export async function profile(command: readonly PyValue[], jails: Jails): Promise<PyValue> {
  const words = texts(command, 1);
  const [name, ...surplus] = words.filter((word) => word !== RESET);
  if (surplus.length > 0) throw failure("profile takes [--reset] and the name of a jail");
  const chosen = name === undefined ? jails.all() : [jails.get(name)];
  if (isReset(command)) {
    for (const jail of chosen) {
      jail.feed.costs.reset();
      jail.actions.resetWork();
    }
    return "OK";
  }
  const profiles = new Map<PyValue, PyValue>();
  for (const jail of chosen) {
    profiles.set(jail.name, await profileOfJail(jail));
    // Measuring takes some milliseconds, in which others may have come.
    await setImmediate();
  }
  return dictionary({ server: profileOfServer(), jails: profiles });
}

function profileOfServer(): PyValue {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return dictionary({
    uptime: decimal(process.uptime()),
    cpu: decimal((user + system) / 1e6),
    memory: rss,
    heap: heapUsed,
  });
}

async function profileOfJail(jail: Jail): Promise<PyValue> {
  const { costs } = jail.feed;
  const { seconds, blocks, characters, sample, found } = costs;
  return dictionary({
    reading: dictionary({ seconds: decimal(seconds), blocks, characters, sample: sample.length }),
    memory: dictionary({ bytes: memoryOf(jail), failing: jail.failures.size, banned: jail.bans.size }),
    expressions: expressions(jail.filter.costs(sample), found),
    actions: jail.actions.work().map(({ name, seconds, runs, operations, waiting }) => {
      return dictionary({ action: name, seconds: decimal(seconds), runs, operations, waiting });
    }),
    sources: await sourcesOfJail(jail),
  });
}

function expressions(costs: readonly ExpressionCost[], found: readonly number[]): PyValue[] {
  const total = costs.reduce((sum, { tried, microseconds }) => sum + tried * microseconds, 0);
  return costs.map(({ kind, index, written, tried, matched, microseconds }) => {
    const entry = dictionary({ kind, index, expression: written, tried, matched });
    entry.set("microseconds", decimal(microseconds));
    entry.set("share", decimal(total > 0 ? (tried * microseconds) / total : 0));
    if (kind === "failregex") entry.set("found", found[index] ?? 0);
    return entry;
  });
}

/** What the tickets of failures and bans and their lines take, about. */
function memoryOf({ failures, bans }: Jail): number {
  let bytes = failures.size * FAILURE_BYTES + bans.size * BAN_BYTES;
  for (const { data } of failures.tickets()) bytes += sizeOfLines(data);
  for (const { heldData } of bans.tickets()) bytes += heldData === null ? 0 : sizeOfLines(heldData);
  return bytes;
}

function sizeOfLines(data: FailureData): number {
  return matchesOf(data).reduce((sum, line) => sum + lineText(line).length, 0);
}

function decimal(value: number): PyFloat {
  return new PyFloat(Number(value.toFixed(DIGITS)));
}
