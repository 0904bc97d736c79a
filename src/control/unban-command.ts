import type { Jails } from "../jail/jails.ts";
import { failure } from "../pyvalue/errors.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { texts, timeAfter } from "./arguments.ts";

/** What `unban` is asked to lift. */
interface UnbanWords {
  readonly ids: readonly string[];
  /** Names of jails; none: all jails. */
  readonly named: readonly string[];
  readonly all: boolean;
  /** Only bans that began more than so many seconds ago; `null`: whatever their age. */
  readonly older: number | null;
}

const USAGE = "unban takes [--jail JAIL] and one of: --all, --older TIME, or addresses, networks and names";

/**
 * `unban [--jail JAIL]… (--all | --older TIME | ID…)`: lifts bans in every jail or in those named: all, those that are
 * older than a time, or those of identifiers, of all addresses in a network or of a name.
 *
 * @returns the number of bans lifted; with `--older` a dictionary with the identifiers by jail
 * @throws {PyError} before anything is lifted: when the words make no sense or a jail is not known
 */
export async function unban(jails: Jails, command: readonly PyValue[]): Promise<PyValue> {
  const { ids, named, all, older } = readWords(texts(command, 1));
  if (all && named.length === 0) return jails.unbanAll();
  const chosen = named.length > 0 ? [...new Set(named)].map((name) => jails.get(name)) : jails.all();
  if (older !== null) {
    const lifted = await Promise.all(chosen.map((jail) => jail.unbanOlder(older)));
    return new Map<PyValue, PyValue>(chosen.map((jail, index) => [jail.name, lifted[index] ?? []]));
  }
  const lift = all
    ? chosen.map((jail) => jail.unbanAll())
    : chosen.map(async (jail) => (await jail.unban(ids)).lifted);
  return (await Promise.all(lift)).reduce((sum, count) => sum + count, 0);
}

function readWords(words: string[]): UnbanWords {
  if (words.length === 0) throw failure("Invalid command");
  // Without options of ours it is the reference's command, for which every word beside others is an identifier.
  if (!words.includes("--jail") && !words.includes("--older")) {
    const all = words.length === 1 && words[0] === "--all";
    return { ids: all ? [] : words, named: [], all, older: null };
  }
  const ids: string[] = [];
  const named: string[] = [];
  let all = false;
  let older: number | null = null;
  const value = (option: string) => {
    const next = words.shift();
    if (next === undefined) throw failure(`${option} lacks its value`);
    return next;
  };
  while (words.length > 0) {
    const one = words.shift()!;
    if (one === "--all") all = true;
    else if (one === "--jail") named.push(value(one));
    else if (one === "--older") older = timeAfter(one, value(one));
    else if (one.startsWith("--")) throw failure(`${USAGE}; not ${one}`);
    else ids.push(one);
  }
  if ([all, older !== null, ids.length > 0].filter(Boolean).length !== 1) throw failure(USAGE);
  return { ids, named, all, older };
}
