import type { FailureData, MatchedLine } from "../detect/failure.ts";
import { matchesOf } from "../detect/failure.ts";
import { Identifier } from "../net/identifier.ts";
import { repr } from "../pyvalue/repr.ts";
import type { StoredBan, StoredData } from "../store/stored-ban.ts";
import { type BanTicket, newBanTicket } from "../track/ban-list.ts";

/** A ban as the database keeps it. */
export function storedBanOf(ticket: BanTicket, banTime: number): StoredBan {
  const { matches: _, users, ...captured } = ticket.data;
  const matches = matchesOf(ticket.data).map((line): string | [string, string, string] =>
    typeof line === "string" ? line : [...line],
  );
  return {
    ip: ticket.id.text,
    timeOfBan: Math.round(ticket.time),
    bantime: banTime,
    banCount: ticket.banCount,
    data: {
      matches,
      failures: ticket.failures,
      ...captured,
      ...(ticket.mode === "dry" && { dryrun: true }),
      // The reference keeps the users of a session as the text of a Python list.
      ...(users instanceof Set && { users: repr([...users]) }),
    },
  };
}

/** What led to a ban, as it was read from the database. */
export function restoredData(stored: StoredData, maxMatches: number): FailureData {
  const { matches, failures: _, dryrun: __, ...captured } = stored;
  const lines = maxMatches > 0 ? (matches as MatchedLine[]).slice(-maxMatches) : [];
  return { ...(captured as FailureData), matches: lines };
}

/** A ban as it was read from the database. */
export function restoredTicket(stored: StoredBan, maxMatches: number): BanTicket {
  return newBanTicket({
    id: Identifier.parse(stored.ip),
    time: stored.timeOfBan,
    timeIsInteger: true,
    banTime: stored.bantime,
    banCount: stored.banCount,
    failures: stored.data.failures,
    data: restoredData(stored.data, maxMatches),
    mode: stored.data["dryrun"] === true ? "dry" : "enforced",
    restored: true,
  });
}
