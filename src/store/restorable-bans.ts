import { limitsAge, type RestorePolicy, restoredBanTime } from "./restore-policy.ts";
import type { Row, Statements } from "./statements.ts";
import type { StoredBan } from "./stored-ban.ts";

/**
 * The bans that a starting jail takes over, read a slice at a time, ordered by the text of the identifier; bans that are
 * written after the first slice was read are not among them.
 *
 * @param size most bans in a slice
 * @param first the same for the first one
 */
export function* restorableBans(
  statements: Statements,
  jail: string,
  policy: RestorePolicy,
  size: number,
  first: number = size,
): Generator<StoredBan[], void> {
  const youngerThan = limitsAge(policy) ? policy.now - policy.banTime : Number.NEGATIVE_INFINITY;
  const newest = Number(statements.read("SELECT max(rowid) AS newest FROM bips")[0]?.["newest"] ?? 0);
  for (let last = "", most = first; ; most = size) {
    const rows = statements.read(
      // As text, since each value of bytes would be memory of its own outside of the heap.
      `SELECT ip, timeofban, bantime, bancount, CAST(data AS TEXT) AS data FROM bips
       WHERE jail = ? AND (timeofban + bantime > ? OR bantime <= -1) AND timeofban > ? AND rowid <= ? AND ip > ?
       ORDER BY ip LIMIT ?`,
      jail,
      policy.now,
      youngerThan,
      newest,
      last,
      most,
    );
    yield rows.flatMap((row) => restored(statements, row, policy) ?? []);
    if (rows.length < most) return;
    last = String(rows.at(-1)?.["ip"]);
  }
}

function restored(statements: Statements, row: Row, policy: RestorePolicy): StoredBan | null {
  const timeOfBan = Number(row["timeofban"]);
  const bantime = restoredBanTime({ timeOfBan, bantime: Number(row["bantime"]) }, policy);
  if (bantime === null) return null;
  const data = statements.decode(row["data"]);
  data.matches = policy.maxMatches > 0 ? data.matches.slice(-policy.maxMatches) : [];
  return { ip: String(row["ip"]), timeOfBan, bantime, banCount: Number(row["bancount"]), data };
}
