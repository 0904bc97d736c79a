import { statSync } from "node:fs";
import { basename } from "node:path";
import { errorCode } from "./file-io.ts";
import type { WatchEvent, Watcher } from "./watcher.ts";

/** A name in a directory; what a path consists of once its symbolic links are followed one by one. */
export interface WatchPoint {
  readonly directory: string;
  readonly name: string;
}

/** Hears of what happens at watch points. */
export interface WatchListener {
  /** The file's content may have changed just now. */
  touched(): void;
  /** The name may lead to another file now, or to none, or to one again. */
  moved(): void;
  /** The content of some file in the directory changed that is not watched by name; an older generation's, perhaps. */
  neighbourTouched(): void;
}

interface Directory {
  readonly inode: number;
  readonly stop: () => void;
  readonly listeners: Map<string, Set<WatchListener>>;
}

/**
 * One watch for each directory, however many files in it are of interest.
 *
 * Directories are watched rather than files because a watch on a file follows the inode and is gone with it,
 * while the directory tells of both the new file and every write.
 */
export class DirectoryWatches {
  readonly #watcher: Watcher;
  readonly #onTrouble: (directory: string, error: unknown) => void;
  readonly #directories = new Map<string, Directory>();

  /** @param onTrouble is told when a directory that exists cannot be watched */
  constructor(watcher: Watcher, onTrouble: (directory: string, error: unknown) => void) {
    this.#watcher = watcher;
    this.#onTrouble = onTrouble;
  }

  /** Watches a point for a listener; `missing` without directory, `refused` when the system has no watch left. */
  add(point: WatchPoint, listener: WatchListener): "watched" | "missing" | "refused" {
    let directory = this.#directories.get(point.directory);
    if (directory && !isInode(point.directory, directory.inode)) {
      this.#rewatch(point.directory, directory);
      directory = this.#directories.get(point.directory);
    }
    if (!directory) {
      const opened = this.#open(point.directory, new Map());
      if (typeof opened === "string") return opened;
      directory = opened;
    }
    const listeners = directory.listeners.get(point.name) ?? new Set();
    directory.listeners.set(point.name, listeners.add(listener));
    return "watched";
  }

  /** Undoes {@link add}. The last listener's leaving ends the watch. */
  remove(point: WatchPoint, listener: WatchListener): void {
    const directory = this.#directories.get(point.directory);
    const listeners = directory?.listeners.get(point.name);
    if (!directory || !listeners?.delete(listener)) return;
    if (listeners.size === 0) directory.listeners.delete(point.name);
    if (directory.listeners.size > 0) return;
    directory.stop();
    this.#directories.delete(point.directory);
  }

  /** Ends all watches. */
  close(): void {
    for (const directory of this.#directories.values()) directory.stop();
    this.#directories.clear();
  }

  #open(path: string, listeners: Directory["listeners"]): Directory | "missing" | "refused" {
    try {
      const inode = statSync(path).ino;
      const stop = this.#watcher.watch(
        path,
        (event, name) => this.#onEvent(path, event, name),
        (error) => this.#onError(path, error),
      );
      const directory = { inode, stop, listeners };
      this.#directories.set(path, directory);
      return directory;
    } catch (error) {
      if (/^(ENOENT|ENOTDIR|ELOOP)$/.test(errorCode(error))) return "missing";
      this.#onTrouble(path, error);
      return "refused";
    }
  }

  #onEvent(path: string, event: WatchEvent, name: string | null): void {
    const directory = this.#directories.get(path);
    if (!directory) return;
    const listeners = name === null ? undefined : directory.listeners.get(name);
    if (listeners) {
      for (const listener of [...listeners]) event === "change" ? listener.touched() : listener.moved();
      return;
    }
    // A directory's own removal and renaming come under its own name.
    const everybody = name === null || (event === "rename" && name === basename(path));
    if (everybody && !isInode(path, directory.inode)) this.#rewatch(path, directory);
    for (const listener of allOf(directory)) everybody ? listener.moved() : listener.neighbourTouched();
  }

  /** The path leads to another directory, or to none; in that case the listeners find out when they look. */
  #rewatch(path: string, gone: Directory): void {
    gone.stop();
    this.#directories.delete(path);
    if (typeof this.#open(path, gone.listeners) === "string") {
      for (const listener of allOf(gone)) listener.moved();
    }
  }

  #onError(path: string, error: Error): void {
    const directory = this.#directories.get(path);
    if (!directory) return;
    directory.stop();
    this.#directories.delete(path);
    this.#onTrouble(path, error);
    for (const listener of allOf(directory)) listener.moved();
  }
}

function allOf(directory: Directory): Set<WatchListener> {
  return new Set([...directory.listeners.values()].flatMap((listeners) => [...listeners]));
}

function isInode(path: string, inode: number): boolean {
  try {
    return statSync(path).ino === inode;
  } catch {
    return false;
  }
}
