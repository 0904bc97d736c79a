import type { Logger } from "../log/logger.ts";
import type { Clock } from "../time/clock.ts";
import { BlockBuffers } from "./block-buffers.ts";
import { DirectoryWatches } from "./directory-watches.ts";
import { errorText } from "./file-io.ts";
import { MARK_BYTES } from "./place-mark.ts";
import { fileSystemOf } from "./remote-file.ts";
import {
  type FileCondition,
  type SubscribeOptions,
  Subscription,
  type SubscriptionHost,
} from "./subscription.ts";
import { type TailContext, TailedFile } from "./tailed-file.ts";
import { Turns } from "./turns.ts";
import { systemWatcher, type Watcher } from "./watcher.ts";

/** What a hub needs. */
export interface FileHubOptions {
  readonly clock: Clock;
  /** Messages that concern no single jail. */
  readonly log: Logger;
  /** Tells of changes in directories; the system's means by default. */
  readonly watcher?: Watcher;
  /** Number of the file system in which a file lies; asked of the system by default. */
  readonly fileSystemOf?: (path: string) => Promise<number>;
  /** Bytes read at once; 256 KiB by default. */
  readonly blockBytes?: number;
  /** Lines of more bytes are skipped with a warning; 16 MiB by default. */
  readonly longestLine?: number;
}

const BLOCK_BYTES = 256 * 1024;
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * All log files of a server. A file that several jails watch is opened, read and decoded once; each jail has a
 * {@link Subscription} with a position of its own.
 *
 * @example
 * const hub = new FileHub({ clock: systemClock, log });
 * const subscription = hub.subscribe({ path, mode: "inotify", encoding: "UTF-8", start, log, onBlock: (b) => … });
 */
export class FileHub implements SubscriptionHost {
  readonly #context: TailContext;
  readonly #files = new Map<string, TailedFile>();
  readonly #log: Logger;
  #warned = false;
  #closed = false;

  constructor(options: FileHubOptions) {
    const blockBytes = options.blockBytes ?? BLOCK_BYTES;
    this.#log = options.log;
    this.#context = {
      clock: options.clock,
      turns: new Turns(),
      fileSystemOf: options.fileSystemOf ?? fileSystemOf,
      buffers: new BlockBuffers(blockBytes + MARK_BYTES),
      blockBytes,
      longestLine: options.longestLine ?? LONGEST_LINE,
      watches: new DirectoryWatches(options.watcher ?? systemWatcher, (directory, error) =>
        this.#onWatchTrouble(directory, error),
      ),
    };
  }

  /**
   * Reads a file for a jail from `start` on, if that is still the same file, and from then on whatever is
   * written to it, across rotations, until the subscription is closed.
   *
   * A file that cannot be opened is waited for.
   * @throws UnknownEncodingError
   */
  subscribe(options: SubscribeOptions): Subscription {
    if (this.#closed) throw new Error("the file hub is closed");
    const subscription = new Subscription(options, this, this.#context.clock);
    const key = keyOf(subscription);
    let file = this.#files.get(key);
    if (!file) {
      file = new TailedFile(options.path, options.mode, this.#context);
      this.#files.set(key, file);
    }
    file.add(subscription);
    return subscription;
  }

  /** Ends all subscriptions and watches. */
  close(): void {
    this.#closed = true;
    for (const file of [...this.#files.values()]) file.close();
    this.#files.clear();
    this.#context.watches.close();
  }

  woken(subscription: Subscription): void {
    this.#files.get(keyOf(subscription))?.wake();
  }

  conditionOf(subscription: Subscription): FileCondition {
    const { mode: reader } = subscription;
    return this.#files.get(keyOf(subscription))?.condition ?? { reader, fault: null };
  }

  left(subscription: Subscription): void {
    const key = keyOf(subscription);
    if (this.#files.get(key)?.remove(subscription)) this.#files.delete(key);
  }

  #onWatchTrouble(directory: string, error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#log.warning(
      `Unable to watch directory '${directory}': ${errorText(error)}. Log files are polled instead ` +
        "where that happens. See fs.inotify.max_user_watches and fs.inotify.max_user_instances",
    );
  }
}

function keyOf(subscription: Subscription): string {
  return `${subscription.mode} ${subscription.path}`;
}
