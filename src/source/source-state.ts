/** How a source gets its lines. */
export type ReaderKind = "inotify" | "polling" | "journal" | "stdin" | "syslog";

/**
 * `ok`: it is read; `idle`: the jail wants nothing now; `waiting`: it is not there; `retrying`: it failed and is
 * tried again; `ended`: nothing will come any more.
 */
export type SourceHealth = "ok" | "idle" | "waiting" | "retrying" | "ended";

/** What keeps a source from being read. */
export interface SourceFault {
  readonly health: "waiting" | "retrying" | "ended";
  /** Seconds since 1970 UTC; `null` when nobody knows. */
  readonly since: number | null;
  /** For an administrator. */
  readonly reason: string;
}

/** How far a source has not been read yet; `null` is what cannot be known. */
export interface Lag {
  readonly bytes: number | null;
  /** Whole lines that wait. */
  readonly lines: number | null;
  /** Whether `lines` is counted; otherwise it is an estimate from the first of them. */
  readonly linesExact: boolean;
  /** Age of the first line that waits, by its own date; 0 when none waits. */
  readonly seconds: number | null;
}

/** Nobody knows what waits. */
export const UNKNOWN_LAG: Lag = { bytes: null, lines: null, linesExact: true, seconds: null };

/** Nothing waits. */
export const NO_LAG: Lag = { bytes: 0, lines: 0, linesExact: true, seconds: 0 };

/** What one source of a jail's lines is at, for administrators; times in seconds since 1970 UTC. */
export interface SourceState {
  /** The path of a file; else the backend as the jail asked for it. */
  readonly name: string;
  readonly reader: ReaderKind;
  readonly health: SourceHealth;
  readonly fault: SourceFault | null;
  readonly lag: Lag;
  /** The date of the last line that was read, as the line has it. */
  readonly lastLineTime: number | null;
  /** When a line was read last. */
  readonly lastReadAt: number | null;
  /** The place in a file; `null` for what is none, or is not there. */
  readonly file: FilePlace | null;
  /** Of the last journal entry that was read. */
  readonly cursor: string | null;
}

/** A place in a file that is open. */
export interface FilePlace {
  /** Bytes that were read, and that there are. */
  readonly position: number;
  readonly size: number;
  readonly inode: number;
  readonly device: number;
}
