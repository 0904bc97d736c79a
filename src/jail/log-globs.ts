import { statSync } from "node:fs";
import type { Logger } from "../log/logger.ts";
import { shownPath } from "../log/shown-path.ts";
import { Complaints } from "../source/complaints.ts";
import { fileIdentity } from "../source/file-identity.ts";
import { GlobWatch } from "../source/glob-watch.ts";
import type { Watcher } from "../source/watcher.ts";
import type { Clock } from "../time/clock.ts";

/** What looking for new log files needs. */
export interface LogGlobsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly watcher: Watcher;
  /** Paths that match a pattern now. */
  readonly expand: (pattern: string) => string[];
  readonly polling: boolean;
  /** First-line hashes that the jail's files have or had, each with the path of the file. */
  readonly knownHashes: () => ReadonlyMap<string, string>;
  /** First-line hash of a file. @throws when it cannot be read */
  readonly hashOf: (path: string) => string;
  /** Paths of the files that are read. */
  readonly paths: () => readonly string[];
  /** Takes a file that came to match. @throws when it cannot be read */
  readonly add: (path: string, options: { tail: boolean }) => void;
  readonly remove: (path: string) => void;
}

interface Glob {
  readonly tail: boolean;
  watch: GlobWatch | null;
  stale: boolean;
}

const POLL_SECONDS = { events: 60, polling: 5 } as const;
/** Files found here that are gone for so long will not come back. */
const FORGET_SECONDS = 3600;
/** Copies of files that are read are recognised by then. */
const COPY_SECONDS = 5;
const MOST_IDENTITIES = 10_000;
const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4|lzma|zip|Z)$/;

/** The patterns of a jail's `logpath`: files that come to match them while the jail runs are read, too. */
export class LogGlobs {
  readonly #o: LogGlobsOptions;
  readonly #globs = new Map<string, Glob>();
  /** Files that were found here, and since when they are gone. */
  readonly #found = new Map<string, number | null>();
  /** Files that were looked at: a name may come to lead to one of them by rotation. */
  readonly #identities = new Set<string>();
  readonly #complaints: Complaints;
  #running = false;

  constructor(options: LogGlobsOptions) {
    this.#o = options;
    this.#complaints = new Complaints(options.clock, (message) => options.log.error(message));
  }

  add(pattern: string, { tail }: { tail: boolean }): void {
    const known = this.#globs.get(pattern);
    if (known) known.stale = false;
    else this.#globs.set(pattern, { tail, watch: null, stale: false });
    if (this.#running) this.#watch(pattern);
  }

  patterns(): string[] {
    return [...this.#globs.keys()];
  }

  /** Begins to look; the files of the moment are those that the configuration names. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    for (const pattern of this.#globs.keys()) this.#watch(pattern);
  }

  /** A file is read by now: should a name that matches come to lead to it, it is no new one. */
  recognise(identity: string): boolean {
    if (this.#identities.has(identity)) return true;
    this.#identities.add(identity);
    if (this.#identities.size > MOST_IDENTITIES) {
      for (const oldest of this.#identities.values().take(1)) this.#identities.delete(oldest);
    }
    return false;
  }

  markStale(): void {
    for (const glob of this.#globs.values()) glob.stale = true;
  }

  dropStale(): void {
    for (const [pattern, glob] of this.#globs) {
      if (!glob.stale) continue;
      glob.watch?.close();
      this.#globs.delete(pattern);
    }
  }

  close(): void {
    this.#running = false;
    for (const glob of this.#globs.values()) {
      glob.watch?.close();
      glob.watch = null;
    }
  }

  #watch(pattern: string): void {
    const glob = this.#globs.get(pattern)!;
    const { clock, watcher, expand, polling } = this.#o;
    glob.watch ??= new GlobWatch({
      pattern,
      expand,
      clock,
      watcher,
      pollSeconds: polling ? POLL_SECONDS.polling : POLL_SECONDS.events,
      onPaths: (paths) => this.#compare(paths, glob),
    });
  }

  #compare(paths: readonly string[], glob: Glob): void {
    const read = new Set(this.#o.paths());
    // What the known names lead to now may have another name after the next rotation.
    for (const path of read) this.#recognise(path);
    for (const path of paths) {
      if (this.#found.has(path)) this.#found.set(path, null);
      if (!read.has(path) && !COMPRESSED.test(path)) this.#consider(path, glob);
    }
    this.#forget(new Set(paths));
  }

  #consider(path: string, glob: Glob): void {
    const identity = identityOf(path);
    if (identity === null || this.recognise(identity)) return;
    if (!this.#o.paths().some((read) => path.startsWith(read))) {
      this.#take(path, glob);
      return;
    }
    // By its name it may be a copy of a file whose first line has not been read yet.
    const take = () => {
      if (this.#running && identityOf(path) === identity) this.#take(path, glob);
    };
    this.#o.clock.after(COPY_SECONDS, take, { background: true });
  }

  #take(path: string, glob: Glob): void {
    try {
      if (this.#isCopy(path)) return;
      this.#o.add(path, { tail: glob.tail });
      this.#found.set(path, null);
    } catch (error) {
      const identity = identityOf(path);
      if (identity === null) return;
      this.#identities.delete(identity);
      this.#complaints.complain(`Unable to open ${shownPath(path)}: ${(error as Error).message}`);
    }
  }

  /** Whether the file was looked at before, perhaps under another name. */
  #recognise(path: string): boolean {
    const identity = identityOf(path);
    return identity === null || this.recognise(identity);
  }

  /** Whether it is what copytruncate leaves: the same first line, and a name that goes on from the file's. */
  #isCopy(path: string): boolean {
    const original = this.#o.knownHashes().get(this.#o.hashOf(path));
    return original !== undefined && path.startsWith(original);
  }

  #forget(present: ReadonlySet<string>): void {
    const now = this.#o.clock.now();
    for (const [path, goneSince] of this.#found) {
      if (present.has(path) || identityOf(path) !== null) continue;
      if (goneSince === null) this.#found.set(path, now);
      else if (now - goneSince >= FORGET_SECONDS) {
        this.#found.delete(path);
        this.#o.remove(path);
      }
    }
  }
}

/** `null`: there is no file. */
function identityOf(path: string): string | null {
  try {
    const stats = statSync(path);
    return stats.isFile() ? fileIdentity(stats) : null;
  } catch {
    return null;
  }
}
