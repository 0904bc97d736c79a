import { lineText, matchesOf } from "../detect/failure.ts";
import type { Jail } from "../jail/jail.ts";
import type { Jails } from "../jail/jails.ts";
import { Identifier } from "../net/identifier.ts";
import { failure } from "../pyvalue/errors.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { BanDatabase } from "../store/database.ts";
import type { RecordedBan } from "../store/recorded-bans.ts";
import type { Clock } from "../time/clock.ts";
import { NEVER } from "../track/ban-list.ts";
import { texts, timeAfter } from "./arguments.ts";

/** Commands that look through what jails and database remember. All times are whole seconds since 1970 UTC. */

/** Most rows that `history` answers: the newest. */
const MOST_ROWS = 10_000;

/** What `search` needs. */
export interface SearchOptions {
  readonly jails: Jails;
  readonly clock: Clock;
}

/**
 * `search ID`: what each jail knows of an identifier, or of those inside a network. A list with a dictionary for
 * each jail and identifier that was seen: `jail`, `id`, and where they apply `ban` (`since`, `until` or `None` for
 * ever, `number`, `failures`, `matches`), `network` (which is blocked in place of its addresses), `failing` (`count`,
 * `last`, `matches`) and `past` (bans in the database).
 */
export function search(command: readonly PyValue[], { jails }: SearchOptions): PyValue {
  const words = texts(command, 1);
  const [text, ...surplus] = words;
  if (text === undefined || surplus.length > 0) throw failure("search takes one address or network");
  const wanted = Identifier.parse(text);
  const found: PyValue[] = [];
  const past = pastBans(jails.services.database(), wanted);
  for (const jail of jails.all()) {
    const earlier = past.get(jail.name) ?? new Map<string, RecordedBan[]>();
    past.delete(jail.name);
    for (const id of new Set([...knownIds(jail, wanted), ...earlier.keys()])) {
      const entry = describe(jail, Identifier.parse(id), earlier.get(id) ?? []);
      if (entry.size > 2) found.push(entry);
    }
  }
  for (const [jail, byId] of past) {
    for (const [id, bans] of byId) found.push(dictionary({ jail, id, past: bans.map(pastBan) }));
  }
  return found;
}

/** What the database has of the identifiers that are asked for, the oldest ban first: by jail and by identifier. */
function pastBans(database: BanDatabase | null, wanted: Identifier): Map<string, Map<string, RecordedBan[]>> {
  if (!database) return new Map();
  const ids = recordedIds(database, wanted);
  const bans = database.recordedBans({ ids, limit: MOST_ROWS });
  const byJail = Map.groupBy(bans, (ban) => ban.jail);
  return new Map([...byJail].map(([jail, own]) => [jail, Map.groupBy(own, (ban) => ban.id)]));
}

/** The identifiers on record that are asked for: also networks around an address. */
function recordedIds(database: BanDatabase, wanted: Identifier): string[] {
  if (wanted.family === null) return [wanted.text];
  const others = [NETWORKS, ...(wanted.isSingle ? [] : [patternOf(wanted)])].flatMap((pattern) =>
    database.recordedIds(pattern),
  );
  const near = others.filter((id) => wanted.overlaps(Identifier.parse(id)));
  return [...new Set([wanted.text, ...near])];
}

const NETWORKS = "*/*";

/** What the texts of the addresses within a network are like, to spare a look at most of the others. */
function patternOf({ family, text, prefix }: Identifier): string {
  if (family === "inet6") return "*:*";
  return [...text.split(".").slice(0, Math.floor(prefix / 8)), "*"].join(".");
}

/**
 * `history [JAIL] [--since TIME]`: the bans in the database, the oldest first, as dictionaries with `time`, `jail`,
 * `id`, `seconds` (-1: for ever), `number` and `failures`.
 */
export function history(command: readonly PyValue[], { jails, clock }: SearchOptions): PyValue {
  const words = texts(command, 1);
  let jail: string | undefined;
  let since: number | undefined;
  while (words.length > 0) {
    const one = words.shift() as string;
    if (one === "--since") since = clock.now() - timeAfter(one, words.shift());
    else if (one.startsWith("--since=")) since = clock.now() - timeAfter("--since", one.slice(8));
    else if (jail === undefined && !one.startsWith("-")) jail = one;
    else throw failure("history takes the name of a jail and --since TIME");
  }
  const database = jails.services.database();
  if (!database) throw failure("there is no database, so nothing is remembered");
  const bans = database.recordedBans({ jail, since, limit: MOST_ROWS });
  if (jail !== undefined && bans.length === 0) jails.get(jail);
  return bans.map((ban) => dictionary({ time: ban.time, jail: ban.jail, id: ban.id, ...numbersOf(ban) }));
}

/** The identifiers that a jail bans or counts and that are asked for: also banned networks around an address. */
function knownIds(jail: Jail, wanted: Identifier): Set<string> {
  const ids = wanted.family === null ? [] : [...jail.bans.tickets(), ...jail.failures.tickets()];
  const others = ids.map((ticket) => ticket.id).filter((id) => wanted.overlaps(id));
  return new Set([wanted.text, ...others.map((id) => id.text)]);
}

function describe(jail: Jail, id: Identifier, past: readonly RecordedBan[]): Map<PyValue, PyValue> {
  const entry = dictionary({ jail: jail.name, id: id.text });
  const ban = jail.bans.get(id);
  if (ban) {
    const end = jail.bans.endOf(ban);
    const facts = {
      // As the database rounds it, and `history` shows it.
      since: Math.round(ban.time),
      until: end >= NEVER ? null : Math.round(end),
      number: ban.banCount,
      failures: ban.failures,
      matches: matchesOf(ban.data).map(lineText),
    };
    entry.set("ban", dictionary(facts));
  }
  const network = jail.aggregation.networkAround(id);
  if (network) entry.set("network", network.text);
  const failing = jail.failures.get(id);
  if (failing) {
    const matches = matchesOf(failing.data).map(lineText);
    const facts = { count: failing.retry, of: jail.limits.maxRetry, last: Math.floor(failing.time), matches };
    entry.set("failing", dictionary(facts));
  }
  const earlier = ban ? past.filter((one) => one.time < Math.round(ban.time)) : past;
  if (earlier.length > 0) entry.set("past", earlier.map(pastBan));
  return entry;
}

function pastBan(ban: RecordedBan): PyValue {
  return dictionary({ time: ban.time, ...numbersOf(ban), matches: [...ban.matches] });
}

function numbersOf({ seconds, number, failures }: RecordedBan) {
  return { seconds, number, failures };
}

/** A dictionary of Python with these members in their order. */
export function dictionary(members: Record<string, PyValue>): Map<PyValue, PyValue> {
  return new Map<PyValue, PyValue>(Object.entries(members));
}
