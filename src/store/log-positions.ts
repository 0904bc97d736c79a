import { ensureJail } from "./jail-table.ts";
import type { Row, Statements } from "./statements.ts";
import type { WriteQueue } from "./write-queue.ts";

/** How far each jail has read its logs. */
export class LogPositions {
  readonly #statements: Statements;
  readonly #queue: WriteQueue;

  constructor(statements: Statements, queue: WriteQueue) {
    this.#statements = statements;
    this.#queue = queue;
  }

  /** Notes a log, and answers the position of before, if it is still the same file. */
  add(jail: string, path: string, firstLineHash: string, position: number): number | null {
    const row = this.#row(jail, path);
    if (row) return row["firstlinemd5"] === firstLineHash ? Number(row["lastfilepos"] ?? 0) : null;
    this.#queue.add(() => {
      ensureJail(this.#statements, jail);
      this.#statements.run(
        "INSERT OR IGNORE INTO logs (jail, path, firstlinemd5, lastfilepos) VALUES (?, ?, ?, ?)",
        jail,
        path,
        firstLineHash,
        position,
      );
    });
    return null;
  }

  /** Notes a position, to be written with the next ban. */
  update(jail: string, path: string, firstLineHash: string, position: number): void {
    this.#queue.addLazily(`${jail}\0${path}`, () => {
      ensureJail(this.#statements, jail);
      this.#statements.run(
        `INSERT INTO logs (jail, path, firstlinemd5, lastfilepos) VALUES (?, ?, ?, ?)
         ON CONFLICT (jail, path) DO UPDATE
         SET firstlinemd5 = excluded.firstlinemd5, lastfilepos = excluded.lastfilepos`,
        jail,
        path,
        firstLineHash,
        position,
      );
    });
  }

  /** The position, whatever the mark. */
  last(jail: string, path: string): number | null {
    const row = this.#row(jail, path);
    return row ? Number(row["lastfilepos"] ?? 0) : null;
  }

  /** The mark that stands with the position. */
  lastMark(jail: string, path: string): string | null {
    const row = this.#row(jail, path);
    return row ? String(row["firstlinemd5"] ?? "") : null;
  }

  #row(jail: string, path: string): Row | undefined {
    // Positions wait in the queue as lazy changes, which reading alone does not see.
    this.#queue.flush();
    return this.#statements.read(
      "SELECT firstlinemd5, lastfilepos FROM logs WHERE jail = ? AND path = ?",
      jail,
      path,
    )[0];
  }
}
