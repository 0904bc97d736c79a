import { ensureJail } from "./jail-table.ts";
import type { Statements } from "./statements.ts";
import { encodeData, type StoredBan, type StoredData } from "./stored-ban.ts";
import type { WriteQueue } from "./write-queue.ts";

/** What the database knows of an identifier's earlier bans. */
export interface BanHistory {
  /** When the last one began, seconds since 1970 UTC. */
  readonly timeOfBan: number;
  /** How long the last one was to last, in seconds; -1 for ever. */
  readonly bantime: number;
  /** How many there were. */
  readonly banCount: number;
}

/** All bans in the order in which they were made (`bans`), and the newest of each identifier in each jail (`bips`). */
const TABLES = ["bips", "bans"] as const;

/** The bans on record, each identifier by itself. */
export class BanTable {
  readonly #statements: Statements;
  readonly #queue: WriteQueue;

  constructor(statements: Statements, queue: WriteQueue) {
    this.#statements = statements;
    this.#queue = queue;
  }

  /** Writes a new ban with at most so many of its matched lines. */
  add(jail: string, ban: StoredBan, maxMatches: number): void {
    const { ip, bantime, banCount } = ban;
    const time = Math.round(ban.timeOfBan);
    const data = encodeData(ban.data, maxMatches);
    this.#queue.add(() => {
      ensureJail(this.#statements, jail);
      this.#statements.run(
        "INSERT INTO bans (jail, ip, timeofban, bantime, bancount, data) VALUES (?, ?, ?, ?, ?, ?)",
        jail,
        ip,
        time,
        bantime,
        banCount,
        data,
      );
      this.#statements.run(
        "INSERT OR REPLACE INTO bips (ip, jail, timeofban, bantime, bancount, data) VALUES (?, ?, ?, ?, ?, ?)",
        ip,
        jail,
        time,
        bantime,
        banCount,
        data,
      );
    });
  }

  /** Forgets bans of a jail: those of the given identifiers, or all of them. */
  remove(jail: string, ids?: readonly string[]): void {
    const statements = this.#statements;
    this.#queue.add(() => {
      for (const table of TABLES) {
        if (!ids) statements.run(`DELETE FROM ${table} WHERE jail = ?`, jail);
        else for (const id of ids) statements.run(`DELETE FROM ${table} WHERE jail = ? AND ip = ?`, jail, id);
      }
    });
  }

  /** Has a ban end now, if it has not ended. */
  end(jail: string, id: string, now: number): void {
    this.#queue.add(() => {
      for (const table of TABLES) {
        this.#statements.run(
          `UPDATE ${table} SET bantime = max(0, CAST(? AS INTEGER) - timeofban)
           WHERE jail = ? AND ip = ? AND (bantime < 0 OR timeofban + bantime > ?)`,
          Math.floor(now),
          jail,
          id,
          now,
        );
      }
    });
  }

  /** Whether a ban is on record as the identifier's newest in the jail, by its number counted from 1. */
  has(jail: string, id: string, number: number): boolean {
    const sql = "SELECT 1 FROM bips WHERE ip = ? AND jail = ? AND bancount = ?";
    return this.#statements.read(sql, id, jail, number).length > 0;
  }

  /** What was captured and counted for the identifier's newest ban in the jail. */
  dataOf(jail: string, id: string): StoredData | null {
    const row = this.#statements.read("SELECT data FROM bips WHERE ip = ? AND jail = ?", id, jail)[0];
    return row ? this.#statements.decode(row["data"]) : null;
  }

  /** An identifier's earlier bans in a jail, or in all jails together (`null`); `null` when there were none. */
  history(id: string, jail: string | null): BanHistory | null {
    const where = jail === null ? "" : " AND jail = ?";
    const rows = this.#statements.read(
      `SELECT timeofban, bantime, bancount FROM bips WHERE ip = ?${where} ORDER BY timeofban DESC`,
      id,
      ...(jail === null ? [] : [jail]),
    );
    const newest = rows[0];
    if (!newest) return null;
    return {
      timeOfBan: Number(newest["timeofban"]),
      bantime: Number(newest["bantime"]),
      banCount: rows.reduce((sum, row) => sum + Number(row["bancount"]), 0),
    };
  }
}
