import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LEVELS, LogHub } from "../log/logger.ts";
import { diskFiles, type FileAccess } from "./files.ts";
import { isUnchanged, type Look, ObservedFiles } from "./observed-files.ts";
import type { Configuration } from "./read.ts";

/**
 * A file that is written again within so many milliseconds may look as before, since the clocks of file systems tick
 * coarsely. What is younger than this is not kept.
 */
const COARSEST_TICK_MS = 2000;

/** What a reading told the user: logger, level, message. */
type Said = readonly [logger: string, level: number, message: string];

/** A reading as it is kept. */
type Kept = readonly [
  identity: string,
  looks: readonly Look[],
  said: readonly Said[],
  commands: Configuration["commands"],
  extensions: Configuration["extensions"],
];

/** One reading of a configuration. */
export interface Reading {
  /** Everything that the outcome depends on besides the files. */
  readonly key: readonly unknown[];
  readonly log: LogHub;
  /** Reads for real. */
  readonly read: (files: FileAccess, log: LogHub) => Configuration | Promise<Configuration>;
}

/**
 * Keeps what reading a configuration gave, for as long as every file and directory that was looked at stays what it
 * was: device, inode, mode, size and times. Only readings without fault are kept; what they told the user
 * is told again.
 */
export class ReadingCache {
  readonly #folder: string;
  readonly #build: string;
  readonly #files: FileAccess;

  /**
   * @param folder where readings are kept; nobody else may write there, for what is read can hold commands for root
   * @param build names the program: another one may read differently
   */
  constructor(folder: string, build: string, files: FileAccess = diskFiles) {
    this.#folder = folder;
    this.#build = build;
    this.#files = files;
  }

  /** The outcome of a reading, from the cache if nothing has changed. */
  async read({ key, log, read }: Reading): Promise<Configuration> {
    const identity = JSON.stringify([this.#build, log.level, ...key]);
    const file = join(this.#folder, `reading-${hash(JSON.stringify(key))}.json`);
    // Who wants to follow the reading is to see it.
    if (log.level <= LEVELS.INFO) return read(this.#files, log);
    const kept = this.#recall(file, identity);
    if (kept !== undefined) {
      for (const [logger, level, message] of kept.said) log.sink({ logger, level, message });
      return kept.outcome;
    }
    const said: Said[] = [];
    const listening = new LogHub((record) => {
      said.push([record.logger, record.level, record.message]);
      log.sink(record);
    }, log.level);
    const observed = new ObservedFiles(this.#files);
    const begin = Date.now();
    const outcome = await read(observed, listening);
    const isSettled = observed.lastChange < begin - COARSEST_TICK_MS;
    if (outcome.ok && !outcome.faulty && isSettled) {
      keep(file, [identity, observed.looks, said, outcome.commands, outcome.extensions]);
    }
    return outcome;
  }

  #recall(file: string, identity: string): { said: readonly Said[]; outcome: Configuration } | undefined {
    try {
      const [known, looks, said, commands, extensions]: Kept = JSON.parse(readFileSync(file, "utf8"));
      if (known !== identity || !isUnchanged(looks, this.#files)) return undefined;
      return { said, outcome: { ok: true, faulty: false, commands, extensions } };
    } catch {
      return undefined;
    }
  }
}

/** Without a place for the cache, or with values that JSON does not have, reading only takes longer next time. */
function keep(file: string, content: Kept): void {
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, JSON.stringify(content, plain), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** Spreads keys over file names (FNV-1a); which key a file belongs to stands in it. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return (sum >>> 0).toString(16);
}

/** Lets those values pass that JSON gives back as they were. */
function plain(_key: string, value: unknown): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value) || Number.isSafeInteger(value)) return value;
  throw new TypeError("not a plain value");
}
