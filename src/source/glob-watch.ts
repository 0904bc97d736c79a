import type { CancelTimer, Clock } from "../time/clock.ts";
import type { Watcher } from "./watcher.ts";

/** What watching a pattern needs. */
export interface GlobWatchOptions {
  /** A shell-style pattern, such as `/var/log/app-*.log`. */
  readonly pattern: string;
  /** Paths that match a pattern now. */
  readonly expand: (pattern: string) => string[];
  readonly clock: Clock;
  readonly watcher: Watcher;
  /** Seconds between looks where no event tells of a change. */
  readonly pollSeconds: number;
  /** The paths that match; called at the start and whenever names came or went. */
  readonly onPaths: (paths: readonly string[]) => void;
}

/** A program that makes a file writes to it, too; so many seconds later it is worth a look. */
const SETTLE_SECONDS = 0.1;
const MAGIC = /[*?[]/;

/** Watches the directories in which names may come to match a pattern. */
export class GlobWatch {
  readonly #o: GlobWatchOptions;
  readonly #watched = new Map<string, () => void>();
  #cancelLook: CancelTimer | null = null;
  #cancelPoll: CancelTimer | null = null;
  #closed = false;

  constructor(options: GlobWatchOptions) {
    this.#o = options;
    this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    this.#cancelPoll?.();
    for (const stop of this.#watched.values()) stop();
    this.#watched.clear();
  }

  #look(): void {
    const { clock, expand, pattern, pollSeconds, onPaths } = this.#o;
    this.#cancelPoll?.();
    this.#cancelPoll = clock.after(pollSeconds, () => this.#look(), { background: true });
    this.#watchDirectories(new Set(directoriesOf(pattern, expand)));
    onPaths(expand(pattern));
  }

  #watchDirectories(wanted: ReadonlySet<string>): void {
    for (const [directory, stop] of this.#watched) {
      if (wanted.has(directory)) continue;
      stop();
      this.#watched.delete(directory);
    }
    for (const directory of wanted) if (!this.#watched.has(directory)) this.#watch(directory);
  }

  #watch(directory: string): void {
    const forget = () => {
      this.#watched.get(directory)?.();
      this.#watched.delete(directory);
    };
    try {
      const onEvent = (event: string) => {
        if (event === "rename") this.#lookSoon();
      };
      this.#watched.set(directory, this.#o.watcher.watch(directory, onEvent, forget));
    } catch {
      // It is not there or cannot be watched: then looking every now and then has to do.
    }
  }

  #lookSoon(): void {
    if (this.#closed) return;
    this.#cancelLook ??= this.#o.clock.after(SETTLE_SECONDS, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }
}

/** The directories whose names decide what matches: all from the first part with wildcards on. */
function directoriesOf(pattern: string, expand: (pattern: string) => string[]): string[] {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => MAGIC.test(part));
  if (first < 0) return [];
  const directories = [parts.slice(0, first).join("/") || (pattern.startsWith("/") ? "/" : ".")];
  for (let end = first + 1; end < parts.length; end++) {
    directories.push(...expand(parts.slice(0, end).join("/")));
  }
  return directories;
}
