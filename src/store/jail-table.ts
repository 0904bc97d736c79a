import type { Statements } from "./statements.ts";
import type { WriteQueue } from "./write-queue.ts";

/** The jails that are known, and which of them are running. */
export class JailTable {
  readonly #statements: Statements;
  readonly #queue: WriteQueue;
  /** Jails that the server before did not stop. */
  readonly #unfinished: Set<string>;

  /** All jails are regarded as stopped from now on. */
  constructor(statements: Statements, queue: WriteQueue) {
    this.#statements = statements;
    this.#queue = queue;
    this.#unfinished = new Set(this.names(true));
    queue.add(() => statements.run("UPDATE jails SET enabled = 0"));
  }

  /** A jail starts. */
  add(name: string): void {
    this.#queue.add(() => {
      this.#statements.run(
        "INSERT INTO jails (name, enabled) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET enabled = 1",
        name,
      );
    });
  }

  /** A jail stopped or was removed. */
  disable(name: string): void {
    this.#queue.add(() => this.#statements.run("UPDATE jails SET enabled = 0 WHERE name = ?", name));
  }

  /** Whether the server before ended without stopping this jail; true only once. */
  takeUnfinished(name: string): boolean {
    return this.#unfinished.delete(name);
  }

  /** Names of the jails, only of the running ones if `enabledOnly`. */
  names(enabledOnly: boolean): string[] {
    const where = enabledOnly ? " WHERE enabled = 1" : "";
    const rows = this.#statements.read(`SELECT name FROM jails${where} ORDER BY name`);
    return rows.map((row) => String(row["name"]));
  }
}

/** What else is written refers to a jail; one that was purged meanwhile must not cost a ban. */
export function ensureJail(statements: Statements, name: string): void {
  statements.run("INSERT OR IGNORE INTO jails (name, enabled) VALUES (?, 1)", name);
}
