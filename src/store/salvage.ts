import { closeSync, copyFileSync, openSync, readSync, rmSync, statSync, truncateSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { COLUMNS, createMissing, TABLE_NAMES } from "./schema.ts";

type Table = (typeof TABLE_NAMES)[number];

/**
 * Copies every row that can still be read from a damaged database file into a new one.
 *
 * Tables are read from both ends, so that one bad page costs the rows on it and not all behind it.
 * @returns the number of rows of jails, logs and bans that were saved
 */
export function salvage(damaged: string, into: DatabaseSync): number {
  createMissing(into);
  const whole = `${damaged}-whole`;
  try {
    const isCut = lengthen(damaged, whole);
    return salvageFrom(isCut ? whole : damaged, into);
  } finally {
    rmSync(whole, { force: true });
  }
}

/**
 * Of a file that was cut off SQLite reads nothing at all; so what is missing is replaced by empty pages, in a copy.
 *
 * @returns whether there is a copy
 */
function lengthen(file: string, copy: string): boolean {
  const header = Buffer.alloc(HEADER);
  try {
    const fd = openSync(file, "r");
    const read = readSync(fd, header, 0, HEADER, 0);
    closeSync(fd);
    const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const size = pageSize * header.readUInt32BE(28);
    const isCut = read === HEADER && header.toString("latin1", 0, 15) === MAGIC && statSync(file).size < size;
    if (!isCut || size > LARGEST) return false;
    copyFileSync(file, copy);
    truncateSync(copy, size);
    return true;
  } catch {
    return false;
  }
}

const MAGIC = "SQLite format 3";
/** Bytes of a database's header. */
const HEADER = 100;
/** A header that speaks of more bytes is damaged itself. */
const LARGEST = 4 * 1024 ** 3;

function salvageFrom(damaged: string, into: DatabaseSync): number {
  let source: DatabaseSync;
  try {
    source = new DatabaseSync(damaged, { readOnly: true });
  } catch {
    return 0;
  }
  let rows = 0;
  // Damage may have taken a jail that bans refer to; the bans are worth more than the order of the house.
  into.exec("PRAGMA foreign_keys = OFF");
  try {
    for (const table of TABLE_NAMES) if (table !== "fail2banDb") rows += copyTable(source, into, table);
    for (const table of ["logs", "bans", "bips", "fail2ban_ts_pending"]) {
      into.exec(`INSERT OR IGNORE INTO jails (name, enabled) SELECT DISTINCT jail, 0 FROM ${table}`);
    }
  } finally {
    into.exec("PRAGMA foreign_keys = ON");
    try {
      source.close();
    } catch {
      // Nothing to save there any more.
    }
  }
  return rows;
}

function copyTable(source: DatabaseSync, into: DatabaseSync, table: Table): number {
  const columns = columnsOf(source, table);
  if (columns.length === 0) return 0;
  // Files of the oldest versions do not say how long a ban lasts; -2 stands for that.
  const unknown = COLUMNS[table].includes("bantime") && !columns.includes("bantime");
  const names = ["rowid", ...columns, ...(unknown ? ["bantime"] : [])];
  const places = ["?", ...columns.map(() => "?"), ...(unknown ? ["-2"] : [])];
  const insert = into.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join(", ")}) VALUES (${places.join(", ")})`,
  );
  let rows = 0;
  for (const order of ["ASC", "DESC"]) {
    into.exec("BEGIN");
    try {
      const select = source.prepare(
        `SELECT rowid AS f2b_row, ${columns.join(", ")} FROM ${table} NOT INDEXED ORDER BY rowid ${order}`,
      );
      for (const row of select.iterate()) {
        rows += Number(insert.run(row["f2b_row"]!, ...columns.map((name) => row[name] ?? null)).changes);
      }
      into.exec("COMMIT");
      break;
    } catch {
      into.exec("COMMIT");
    }
  }
  return rows;
}

/** The wanted columns that the damaged file has, too; none when it does not know the table. */
function columnsOf(source: DatabaseSync, table: Table): string[] {
  try {
    const present = new Set(
      source
        .prepare(`PRAGMA table_info(${table})`)
        .all()
        .map((row) => row["name"]),
    );
    return COLUMNS[table].filter((name) => present.has(name));
  } catch {
    return [];
  }
}
