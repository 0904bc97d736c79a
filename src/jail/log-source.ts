import { lookupError } from "../pyvalue/errors.ts";
import { isKnownEncoding, preferredEncoding } from "../source/encoding.ts";
import type { SourceState } from "../source/source-state.ts";

/**
 * Where a jail's lines come from: files, the journal, standard input, the network. It hands lines to the jail's
 * filter and remembers how far it has come.
 */
export interface LogSource {
  /** Encoding of the lines by its name in Python. @throws {PyError} when an unknown one is set */
  encoding: string;
  /** While paused, as before the start of the jail, nothing is handed on. */
  paused: boolean;
  /** Paths of the files that are read, in the order of their addition. */
  paths(): string[];
  /** Adds a file; sources that read none ignore that. @throws {PyError} when the file cannot be opened */
  add(path: string, options: { tail: boolean }): void;
  /** Has files read that come to match a pattern from now on; sources that read none ignore that. */
  addGlob(pattern: string, options: { tail: boolean }): void;
  /** The patterns that were added. */
  globs(): string[];
  /** Removes a file; nothing happens when it is not there. */
  remove(path: string): void;
  /** Begins a reload: what is not mentioned again until {@link dropStale} will go. */
  markStale(): void;
  /** Ends a reload. */
  dropStale(): void;
  /** What each of the sources is at: how far behind, since when in trouble. */
  states(): Promise<SourceState[]>;
  /** Ends all reading and writes down how far it came. */
  close(): void;
}

/**
 * The encoding that a name stands for; `auto` is that of the locale.
 *
 * @throws {PyError} for an unknown one
 */
export function checkedEncoding(name: string): string {
  const encoding = name.toLowerCase() === "auto" ? preferredEncoding(process.env) : name;
  if (!isKnownEncoding(encoding)) throw lookupError(`unknown encoding: ${name}`);
  return encoding;
}

/** The part of {@link LogSource} that is about files, for sources that read none. */
export abstract class FilelessSource {
  paths(): string[] {
    return [];
  }

  add(): void {}

  addGlob(): void {}

  globs(): string[] {
    return [];
  }

  remove(): void {}

  markStale(): void {}

  dropStale(): void {}
}
