import type { Row, Statements } from "./statements.ts";

/** A ban as it is on record. Times are whole seconds. */
export interface RecordedBan {
  readonly jail: string;
  readonly id: string;
  /** When it began, seconds since 1970 UTC. */
  readonly time: number;
  /** How long it was to last; -1: for ever. */
  readonly seconds: number;
  /** Which ban of the identifier in this jail it was, counted from 1. */
  readonly number: number;
  readonly failures: number;
  /** The matched lines that were kept, oldest first. */
  readonly matches: readonly string[];
}

/** Which bans on record are wanted. */
export interface RecordedBanQuery {
  readonly jail?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Earliest time, seconds since 1970 UTC. */
  readonly since?: number | undefined;
  /** Most bans; the newest are taken. */
  readonly limit: number;
}

/** The bans on record that were made, whether they have ended or not, the oldest first. */
export function recordedBans(
  statements: Statements,
  { jail, ids, since, limit }: RecordedBanQuery,
): RecordedBan[] {
  const wanted: [condition: string, value: string | number | undefined][] = [
    ["jail = ?", jail],
    ["ip IN (SELECT value FROM json_each(?))", ids && JSON.stringify(ids)],
    ["timeofban >= ?", since],
  ];
  const asked = wanted.filter((one): one is [string, string | number] => one[1] !== undefined);
  const where = asked.length === 0 ? "" : `WHERE ${asked.map(([condition]) => condition).join(" AND ")}`;
  const rows = statements.read(
    `SELECT jail, ip, timeofban, bantime, bancount, data FROM bans ${where} ORDER BY timeofban DESC, rowid DESC LIMIT ?`,
    ...asked.map(([, value]) => value),
    limit,
  );
  return rows.reverse().map((row) => recorded(statements, row));
}

/**
 * The identifiers that bans on record have, each once.
 *
 * @param pattern what their text is like: `*` stands for anything
 */
export function recordedIds(statements: Statements, pattern: string): string[] {
  return statements
    .read("SELECT DISTINCT ip FROM bans WHERE ip GLOB ?", pattern)
    .map((row) => String(row["ip"]));
}

function recorded(statements: Statements, row: Row): RecordedBan {
  const { matches, failures } = statements.decode(row["data"]);
  return {
    jail: String(row["jail"]),
    id: String(row["ip"]),
    time: Number(row["timeofban"]),
    seconds: Number(row["bantime"]),
    number: Number(row["bancount"]),
    failures,
    matches: matches.map((match) => (typeof match === "string" ? match : match.join(""))),
  };
}
