import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";
import type { RestorePolicy } from "./restore-policy.ts";
import type { StoredBan } from "./stored-ban.ts";

/** Reading of the clock, seconds since 1970 UTC. */
export const NOW = 1_790_000_000;

/** A folder for a database, a clock that the test drives, and what was logged. */
export function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "f2b-store-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "fail2ban.sqlite3");
  const messages: string[] = [];
  const log = new LogHub(({ level, message }) => messages.push(`${level} ${message}`), LEVELS.INFO).logger(
    "database",
  );
  const clock = new ManualClock(NOW);
  const open = (path = file) => {
    const database = BanDatabase.open(path, { clock, log });
    t.after(() => database.close());
    return database;
  };
  return { directory, file, messages, clock, open, log };
}

/** A ban of ten minutes that began ten seconds ago. */
export function ban(ip: string, extra: Partial<StoredBan> = {}): StoredBan {
  return {
    ip,
    timeOfBan: NOW - 10,
    bantime: 600,
    banCount: 1,
    data: { matches: ["a line"], failures: 3 },
    ...extra,
  };
}

/** What a jail with a ban time of ten minutes takes over. */
export const policy = (extra: Partial<RestorePolicy> = {}): RestorePolicy => ({
  now: NOW,
  banTime: 600,
  increment: false,
  maxMatches: 5,
  ...extra,
});

/** What a query answers another program that opens the file. */
export function rows(file: string, sql: string): unknown[][] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 60_000 });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row));
  } finally {
    database.close();
  }
}
