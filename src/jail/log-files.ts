import { diskFiles } from "../config/files.ts";
import { glob } from "../config/glob.ts";
import type { Logger, LogHub } from "../log/logger.ts";
import { osError, valueError } from "../pyvalue/errors.ts";
import type { FileHub } from "../source/file-hub.ts";
import { inspectLogFile } from "../source/first-line-hash.ts";
import type { LineBlock } from "../source/line-block.ts";
import { NoLogFileError } from "../source/log-file-kind.ts";
import { seekByTime } from "../source/seek-by-time.ts";
import { type SourceState, UNKNOWN_LAG } from "../source/source-state.ts";
import type { Subscription } from "../source/subscription.ts";
import { systemWatcher } from "../source/watcher.ts";
import type { BanDatabase } from "../store/database.ts";
import type { Clock } from "../time/clock.ts";
import type { LineFeed } from "./line-feed.ts";
import { LogGlobs } from "./log-globs.ts";
import { checkedEncoding, type LogSource } from "./log-source.ts";

/** What the log files of a jail need. */
export interface LogFilesOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly backend: "pyinotify" | "polling";
  readonly clock: Clock;
  readonly hub: LogHub;
  readonly files: FileHub;
  readonly feed: Pick<LineFeed, "process" | "timeOf">;
  /** Seconds that failures count for: older lines need not be read. */
  readonly findTime: () => number;
  readonly database: () => BanDatabase | null;
}

const MOST_HASHES = 10_000;

interface LogFile {
  readonly path: string;
  /** Where reading is to begin, and the size of the file when it was added. */
  readonly offset: number;
  readonly size: number;
  readonly firstLineHash: string;
  readonly tail: boolean;
  /** Reading, once the jail has been started. */
  subscription: Subscription | null;
  /** During a reload: not mentioned in the new configuration yet. */
  stale: boolean;
}

/** The log files of one jail: which they are, where reading them begins, and how far it has come. */
export class LogFiles implements LogSource {
  readonly #o: LogFilesOptions;
  readonly #log: Logger;
  readonly #files = new Map<string, LogFile>();
  #encoding = checkedEncoding("auto");
  #paused = true;
  readonly #globs: LogGlobs;
  /** First-line hashes that files had lately, with their paths. */
  readonly #hashes = new Map<string, string>();

  constructor(options: LogFilesOptions) {
    this.#o = options;
    this.#log = options.hub.logger("filter");
    this.#globs = new LogGlobs({
      clock: options.clock,
      log: this.#log,
      watcher: systemWatcher,
      expand: (pattern) => glob(pattern, diskFiles),
      polling: options.backend === "polling",
      knownHashes: () => this.#hashes,
      hashOf: (path) => inspectLogFile(path).firstLineHash,
      paths: () => this.paths(),
      add: (path, how) => this.add(path, how),
      remove: (path) => this.remove(path),
    });
  }

  /** Paths in the order of their addition. */
  paths(): string[] {
    return [...this.#files.keys()];
  }

  /** Encoding of the files by its name in Python; `auto` stands for that of the locale. */
  get encoding(): string {
    return this.#encoding;
  }

  set encoding(name: string) {
    const encoding = checkedEncoding(name);
    this.#encoding = encoding;
    this.#log.info(`  encoding: ${encoding}`);
    for (const file of this.#files.values()) file.subscription?.setEncoding(encoding);
  }

  /** While paused, as before the start of the jail, nothing is read; nothing is lost either. */
  get paused(): boolean {
    return this.#paused;
  }

  set paused(on: boolean) {
    this.#paused = on;
    for (const file of this.#files.values()) {
      if (on) file.subscription?.pause();
      else if (file.subscription) file.subscription.resume();
      else this.#read(file);
    }
    if (!on) this.#globs.start();
  }

  /**
   * Adds a file, from the position that the database remembers or from its begin; with `tail` from its end.
   *
   * @throws {PyError} when the file cannot be opened
   */
  add(path: string, options: { tail: boolean }): void {
    const known = this.#files.get(path);
    if (known) {
      if (!known.stale) this.#log.error(`${path} already exists`);
      known.stale = false;
      return;
    }
    const file = this.#inspect(path, options.tail);
    this.#files.set(path, file);
    this.#remember(file.firstLineHash, path);
    this.#log.info(`Added logfile: '${path}' (pos = ${file.offset}, hash = ${file.firstLineHash})`);
    if (!this.#paused) this.#read(file);
  }

  addGlob(pattern: string, options: { tail: boolean }): void {
    this.#globs.add(pattern, options);
  }

  globs(): string[] {
    return this.#globs.patterns();
  }

  /** Removes a file; nothing happens when it is not there. */
  remove(path: string): void {
    const file = this.#files.get(path);
    if (!file) return;
    this.#files.delete(path);
    this.#end(file, "removed");
  }

  /** Begins a reload: files that are not added again until {@link dropStale} will go. */
  markStale(): void {
    for (const file of this.#files.values()) file.stale = true;
    this.#globs.markStale();
  }

  /** Ends a reload. */
  dropStale(): void {
    this.#globs.dropStale();
    for (const file of [...this.#files.values()]) if (file.stale) this.remove(file.path);
  }

  states(): Promise<SourceState[]> {
    const timeOf = (line: string) => this.#o.feed.timeOf(line);
    return Promise.all(
      [...this.#files.values()].map(
        ({ path, subscription }) => subscription?.state(timeOf) ?? this.#notStarted(path),
      ),
    );
  }

  #notStarted(name: string): SourceState {
    return {
      name,
      reader: this.#o.backend === "polling" ? "polling" : "inotify",
      health: "idle",
      fault: null,
      lag: UNKNOWN_LAG,
      lastLineTime: null,
      lastReadAt: null,
      file: null,
      cursor: null,
    };
  }

  /** Ends all reading and writes down how far it came. */
  close(): void {
    this.#globs.close();
    for (const file of this.#files.values()) this.#end(file, "stop");
  }

  #inspect(path: string, tail: boolean): LogFile {
    try {
      const { size, firstLineHash } = inspectLogFile(path);
      const begin = tail ? size : 0;
      const stored = this.#o.database()?.addLog(this.#o.jail, path, firstLineHash, begin) ?? null;
      const offset = tail || stored === null ? begin : stored;
      return { path, offset, size, firstLineHash, tail, subscription: null, stale: false };
    } catch (error) {
      throw error instanceof NoLogFileError ? valueError(error.message) : osError(error, path);
    }
  }

  #read(file: LogFile): void {
    const { files, hub, backend } = this.#o;
    file.subscription = files.subscribe({
      path: file.path,
      mode: backend === "polling" ? "polling" : "inotify",
      encoding: this.#encoding,
      start: { offset: this.#startOf(file), firstLineHash: file.firstLineHash },
      log: this.#log,
      backendLog: hub.logger(backend === "polling" ? "filterpoll" : "filterpyinotify"),
      inOperation: file.tail,
      onBlock: (block) => this.#process(file, block),
      onFile: (identity) => this.#globs.recognise(identity),
    });
  }

  /** Skips what is older than `findtime`: it could not lead to a ban any more. */
  #startOf(file: LogFile): number {
    if (file.tail || file.offset >= file.size) return file.offset;
    const { clock, findTime, feed } = this.#o;
    const wanted = clock.now() - findTime();
    const timeOf = (line: string) => feed.timeOf(line);
    try {
      return seekByTime(file.path, file.offset, file.size, timeOf, wanted, this.#encoding);
    } catch (error) {
      this.#log.warning(
        `Unable to seek in ${file.path}: ${(error as Error).message}; it is read from ${file.offset}`,
      );
      return file.offset;
    }
  }

  #process(file: LogFile, block: LineBlock): void {
    this.#o.feed.process(block.text, file, block.inOperation, block.ascii);
    this.#savePosition(file);
  }

  #savePosition(file: LogFile): void {
    const { subscription, path } = file;
    if (!subscription) return;
    this.#remember(subscription.firstLineHash, path);
    this.#o.database()?.updatePosition(this.#o.jail, path, subscription.firstLineHash, subscription.position);
  }

  #remember(hash: string, path: string): void {
    if (hash === "" || this.#hashes.has(hash)) return;
    this.#hashes.set(hash, path);
    if (this.#hashes.size > MOST_HASHES) {
      for (const oldest of this.#hashes.keys().take(1)) this.#hashes.delete(oldest);
    }
  }

  #end(file: LogFile, reason: "removed" | "stop"): void {
    if (!file.subscription) return;
    this.#savePosition(file);
    file.subscription.close(reason);
    file.subscription = null;
  }
}
