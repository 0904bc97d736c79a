import type { Statements } from "./statements.ts";

/**
 * Forgets bans that began before a moment, those of repeat offenders later, and jails that left nothing behind.
 *
 * @param before seconds since 1970 UTC
 */
export function purge(statements: Statements, before: number): void {
  statements.run("DELETE FROM bans WHERE timeofban < ?", before);
  statements.run(
    "DELETE FROM bips WHERE timeofban < ? AND bantime <> -1 AND timeofban + 3 * bantime < ?",
    before,
    before,
  );
  statements.run(
    `DELETE FROM jails WHERE enabled = 0
     AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.jail = jails.name)
     AND NOT EXISTS (SELECT 1 FROM bips WHERE bips.jail = jails.name)`,
  );
}
