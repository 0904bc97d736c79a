import { CREATE_PENDING, PENDING } from "./schema.ts";
import type { Row, Statements } from "./statements.ts";

const UPDATE_JAIL = "ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled";
const UPDATE_LOG =
  "ON CONFLICT (jail, path) DO UPDATE SET firstlinemd5 = excluded.firstlinemd5, lastfilepos = excluded.lastfilepos";
const UPDATE_BIP =
  "ON CONFLICT (ip, jail) DO UPDATE SET timeofban = excluded.timeofban, bantime = excluded.bantime, data = excluded.data, ";
const SUM = "bancount = bancount + excluded.bancount";
const MOST = "bancount = max(bancount, excluded.bancount)";

/** All that a database knows. */
export interface DatabaseContents {
  readonly jails: readonly Row[];
  readonly logs: readonly Row[];
  readonly bans: readonly Row[];
  readonly bips: readonly Row[];
  readonly pending: readonly Row[];
}

/**
 * Reads all that a database knows.
 *
 * @param pendingOf what a jail has counted and not decided, by key
 */
export function readContents(
  statements: Statements,
  pendingOf: (jail: string) => readonly (readonly [key: string, data: string])[],
): DatabaseContents {
  const rows = (table: string) => statements.read(`SELECT * FROM ${table} ORDER BY rowid`);
  const jails = rows("jails");
  const pending = jails.flatMap(({ name }) =>
    pendingOf(String(name)).map(([key, data]) => ({ jail: name, key, data })),
  );
  return { jails, logs: rows("logs"), bans: rows("bans"), bips: rows("bips"), pending };
}

/**
 * Adds what another database knows. Throws what SQLite throws.
 *
 * @param options.samePast it knows the past of this one, too: no ban is counted twice
 */
export function writeContents(
  statements: Statements,
  contents: DatabaseContents,
  { samePast }: { readonly samePast: boolean },
): void {
  statements.run(CREATE_PENDING);
  for (const row of contents.jails) statements.insert("jails", row, UPDATE_JAIL);
  for (const row of contents.logs) statements.insert("logs", row, UPDATE_LOG);
  for (const row of contents.bans) {
    if (samePast) forgetBan(statements, row);
    statements.insert("bans", row);
  }
  for (const row of contents.bips) statements.insert("bips", row, UPDATE_BIP + (samePast ? MOST : SUM));
  for (const row of contents.pending) statements.insert(PENDING, row, "ON CONFLICT DO NOTHING");
}

function forgetBan(statements: Statements, { jail, ip, timeofban }: Row): void {
  const sql = "DELETE FROM bans WHERE jail = ? AND ip = ? AND timeofban = ?";
  statements.run(sql, String(jail), String(ip), Number(timeofban));
}
