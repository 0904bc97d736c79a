/** Primary result codes of SQLite that this room tells apart. */
const CODES = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
  NOMEM: 7,
};

/** Errors of the system that speak of a disk, not of what was asked for. */
const DISK_TROUBLE = ["ENOSPC", "EDQUOT", "EROFS", "EIO"];

/** A database could not be opened or used; the message is for administrators and names the file. */
export class DatabaseError extends Error {
  readonly file: string;

  constructor(file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DatabaseError";
    this.file = file;
  }

  /** True when the file is as it should be, but cannot be had at present: a lock, a full or read-only disk. */
  get mayPass(): boolean {
    const { cause } = this;
    return mayPass(cause) || DISK_TROUBLE.includes((cause as NodeJS.ErrnoException | undefined)?.code ?? "");
  }
}

/** SQLite's own words for an error: `database or disk is full`. */
export function sqliteMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True when the file's content is damaged or no database at all. */
export function isDamage(error: unknown): boolean {
  return [CODES.CORRUPT, CODES.NOTADB].includes(primaryCode(error));
}

/** True when the file was opened for reading only, as it could not be written then. */
export function isReadOnly(error: unknown): boolean {
  return primaryCode(error) === CODES.READONLY;
}

/** True when the file is the trouble and not the change: the same write may succeed later. */
export function mayPass(error: unknown): boolean {
  return Object.values(CODES).includes(primaryCode(error));
}

function primaryCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : 0;
}
