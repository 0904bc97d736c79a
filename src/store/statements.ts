import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Logger } from "../log/logger.ts";
import { sqliteMessage } from "./sqlite-error.ts";
import { decodeData, type StoredData } from "./stored-ban.ts";

/** What SQLite takes in place of a `?`. */
export type SqlValue = string | number | Uint8Array;

/** A row as SQLite answers it, by the names of its columns. */
export type Row = Record<string, unknown>;

/** What statements are run on. */
export interface StatementsOptions {
  readonly database: DatabaseSync;
  /** Path of the file, for messages. */
  readonly file: string;
  readonly log: Logger;
  /** Makes visible what waits to be written. */
  readonly beforeReading: () => void;
}

/** Runs SQL on one connection; each statement is prepared once. */
export class Statements {
  readonly #o: StatementsOptions;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(options: StatementsOptions) {
    this.#o = options;
  }

  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#o.database.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  /** Runs a statement that answers nothing. Throws what SQLite throws, so that the write queue can decide. */
  run(sql: string, ...values: SqlValue[]): void {
    this.prepare(sql).run(...values);
  }

  /** Adds a row. Throws what SQLite throws. */
  insert(table: string, row: Row, conflict = ""): void {
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    const values = Object.values(row) as SqlValue[];
    this.run(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places}) ${conflict}`, ...values);
  }

  /** The rows that a query finds; none, with an error in the log, when the file cannot be read. */
  read(sql: string, ...values: (string | number)[]): Row[] {
    this.#o.beforeReading();
    try {
      return this.prepare(sql).all(...values) as Row[];
    } catch (error) {
      this.#o.log.error(`Unable to read database '${this.#o.file}': ${sqliteMessage(error)}`);
      return [];
    }
  }

  /** What was stored with a ban, from its column `data`; what is wrong with it is logged. */
  decode(column: unknown): StoredData {
    return decodeData(column, (reason) => this.#o.log.error(`json loads failed: ${reason}`));
  }

  /** Lets prepared statements go: the connection is closed or opened anew. */
  clear(): void {
    this.#prepared.clear();
  }
}
