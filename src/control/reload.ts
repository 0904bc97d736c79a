import { failure, unknownJail } from "../pyvalue/errors.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { text, texts, word } from "./arguments.ts";
import {
  type Command,
  type Failure,
  firstFailure,
  reasonOf,
  type SortedStream,
  type StreamOptions,
  sortStream,
  throwFirst,
} from "./stream.ts";

/** What a reload needs beyond executing commands. */
export interface ReloadOptions extends StreamOptions {
  /** Tries a jail's commands on a jail of their own; gives the error they run into, or `null`. */
  readonly rehearse: (commands: readonly Command[]) => Promise<Failure | null>;
}

const ALL = "--all";

/**
 * Executes `['reload', JAIL or '--all', OPTIONS, STREAM]`: the jails get the configuration of the stream, bans
 * and failures stay, jails that are not in the stream are stopped. A jail whose new configuration cannot be
 * used goes on with the old one and is named in the log.
 *
 * @throws {PyError} when something could not be done; all the rest has been done then
 */
export async function reload(command: Command, o: ReloadOptions): Promise<string> {
  const target = text(command, 1);
  const options = texts(asList(word(command, 2)), 0);
  const stream = asList(word(command, 3)) as Command[];
  if (target !== ALL && !o.jails.has(target) && !options.includes("--if-exists")) throw unknownJail(target);
  o.log.info(target === ALL ? "Reload all jails" : `Reload jail ${target}`);
  if (target === ALL) o.jails.services.resolver.clear();
  o.problems.forget(target === ALL ? undefined : target);
  const sorted = sortStream(stream);
  const unusable = await rehearseAll(sorted, o);
  const scope = target === ALL ? o.jails.names() : o.jails.names().filter((name) => name === target);
  const left = leftAlone(sorted);
  const affected = scope.filter((name) => !unusable.has(name) && !left.has(name));
  if (options.includes("--unban")) await Promise.all(scope.map((name) => o.jails.get(name).unbanAll()));
  if (options.includes("--restart")) await Promise.all(affected.map((name) => o.jails.stop(name)));
  for (const name of affected) if (o.jails.has(name)) o.jails.get(name).beginReload();
  const failures = new Map<string, unknown>(unusable);
  try {
    await apply(sorted, failures, o);
  } finally {
    await finish(affected, sorted, o);
    o.log.info("Reload finished.");
  }
  throwFirst(failures);
  return "OK";
}

async function rehearseAll(sorted: SortedStream, o: ReloadOptions): Promise<Map<string, unknown>> {
  const unusable = new Map<string, unknown>();
  for (const [name, commands] of sorted.jails) {
    const failure = await o.rehearse(commands);
    if (failure === null) continue;
    unusable.set(name, failure.error);
    const state = o.jails.has(name) ? "keeps its old configuration" : "is not started";
    o.log.error(`Jail '${name}' ${state}, the new one cannot be used: ${reasonOf(failure)}`);
    o.problems.note(name, `${state}: ${reasonOf(failure)}`);
  }
  return unusable;
}

/** Jails whose new configuration could not even be read: `['config-error', TEXT, JAIL]`. */
function leftAlone({ general }: SortedStream): Set<string> {
  return new Set(general.filter(([word]) => word === "config-error").flatMap((c) => texts(c, 2).slice(0, 1)));
}

async function apply(sorted: SortedStream, failures: Map<string, unknown>, o: ReloadOptions): Promise<void> {
  for (const command of sorted.general) await o.run(command);
  for (const [name, commands] of sorted.jails) {
    if (failures.has(name)) continue;
    const failure = await firstFailure(commands, o.run);
    if (failure === null) continue;
    failures.set(name, failure.error);
    o.log.error(`Reload of jail '${name}' failed: ${reasonOf(failure)}`);
    o.problems.note(name, `reload failed: ${reasonOf(failure)}`);
  }
  for (const name of sorted.starts) if (!failures.has(name)) await o.run(["start", name]);
}

/** Jails that were not started again: those that are gone from the configuration stop, others go on. */
async function finish(affected: readonly string[], sorted: SortedStream, o: ReloadOptions): Promise<void> {
  const left = affected.filter((name) => o.jails.has(name) && o.jails.get(name).reloading);
  const end = (name: string) =>
    sorted.jails.has(name) ? o.jails.get(name).finishReload() : o.jails.stop(name);
  await Promise.all(left.map(end));
}

function asList(value: PyValue): PyValue[] {
  if (!Array.isArray(value)) throw failure("Invalid command");
  return value;
}
