import { ensureJail } from "./jail-table.ts";
import { CREATE_PENDING, PENDING } from "./schema.ts";
import type { Statements } from "./statements.ts";
import type { WriteQueue } from "./write-queue.ts";

/** What jails have counted and not decided yet, in a table of our own. */
export class PendingTable {
  readonly #statements: Statements;
  readonly #queue: WriteQueue;

  constructor(statements: Statements, queue: WriteQueue) {
    this.#statements = statements;
    this.#queue = queue;
  }

  /** Has changes asked for and written with the positions of the logs; see `BanDatabase.updatePending`. */
  update(jail: string, changes: () => Iterable<readonly [string, string | null]>, written: () => void): void {
    const statements = this.#statements;
    const writeAll = () => {
      ensureJail(statements, jail);
      statements.run(CREATE_PENDING);
      const remove = statements.prepare(`DELETE FROM ${PENDING} WHERE jail = ? AND key = ?`);
      const write = statements.prepare(
        `INSERT INTO ${PENDING} (jail, key, data) VALUES (?, ?, ?)
         ON CONFLICT (jail, key) DO UPDATE SET data = excluded.data`,
      );
      for (const [key, data] of changes()) {
        if (data === null) remove.run(jail, key);
        else write.run(jail, key, data);
      }
    };
    this.#queue.addLazily(queueKey(jail), writeAll, written);
  }

  /** What is pending in a jail, by key. */
  of(jail: string): [key: string, data: string][] {
    const isThere = this.#statements.read("SELECT 1 FROM sqlite_master WHERE name = ?", PENDING).length > 0;
    if (!isThere) return [];
    const rows = this.#statements.read(
      `SELECT key, data FROM ${PENDING} WHERE jail = ? ORDER BY rowid`,
      jail,
    );
    return rows.map((row) => [String(row["key"]), String(row["data"])]);
  }

  /** Forgets what is pending in a jail, also what was to be written. */
  forget(jail: string): void {
    this.#queue.forget(queueKey(jail));
    this.#queue.add(() => {
      this.#statements.run(CREATE_PENDING);
      this.#statements.run(`DELETE FROM ${PENDING} WHERE jail = ?`, jail);
    });
  }
}

/** Differs from the keys of positions, which go on with a path. */
function queueKey(jail: string): string {
  return `${jail}\0`;
}
