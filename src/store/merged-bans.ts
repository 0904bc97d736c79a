import type { Statements } from "./statements.ts";
import type { StoredMatch } from "./stored-ban.ts";

/** All bans of an identifier taken together. */
export interface MergedBans {
  /** Sum of the failures. */
  readonly failures: number;
  /** The newest matched lines, oldest first. */
  readonly matches: readonly StoredMatch[];
}

const MOST_KEPT = 1000;

/** Takes the bans of an identifier together; remembers the answers, since each tag of an action asks anew. */
export class BanMerger {
  readonly #statements: Statements;
  readonly #known = new Map<string, MergedBans>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Bans in a jail, or in all jails (`null`), with at most so many matched lines. */
  merge(id: string, jail: string | null, maxMatches: number): MergedBans {
    const key = `${id}\0${jail ?? ""}`;
    const known = this.#known.get(key);
    if (known) return known;
    const merged = this.#read(id, jail, maxMatches);
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(key, merged);
    return merged;
  }

  /** An identifier has got a new ban. */
  forget(id: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${id}\0`)) this.#known.delete(key);
  }

  /** Bans were forgotten, or another number of lines is wanted. */
  forgetAll(): void {
    this.#known.clear();
  }

  #read(id: string, jail: string | null, maxMatches: number): MergedBans {
    const where = jail === null ? "" : " AND jail = ?";
    const rows = this.#statements.read(
      `SELECT data FROM bans WHERE ip = ?${where} ORDER BY timeofban DESC, rowid DESC`,
      id,
      ...(jail === null ? [] : [jail]),
    );
    let failures = 0;
    const newestFirst: StoredMatch[] = [];
    for (const row of rows) {
      const data = this.#statements.decode(row["data"]);
      failures += data.failures;
      for (const match of data.matches.reverse()) {
        if (newestFirst.length < maxMatches) newestFirst.push(match);
      }
    }
    return { failures, matches: newestFirst.reverse() };
  }
}
