import { watch } from "node:fs";

/** What happened to a name in a directory: its content changed, or it came, went or became another file. */
export type WatchEvent = "change" | "rename";

/** Tells of events in directories. The real one is {@link systemWatcher}; tests have their own. */
export interface Watcher {
  /**
   * Watches the names in a directory (not below it) until the returned function is called. `name` is `null`
   * when the system does not say which. After `onError` no more events come.
   *
   * @throws the system's error: `ENOENT` when there is no such directory, `ENOSPC` or `EMFILE` when a limit of
   * the system is reached
   */
  watch(
    directory: string,
    onEvent: (event: WatchEvent, name: string | null) => void,
    onError: (error: Error) => void,
  ): () => void;
}

/**
 * Watches by the system's means: inotify on Linux, FSEvents on macOS. Others (kqueue) do not tell of writes to the
 * files of a directory, so that nothing can be watched there.
 */
export const systemWatcher: Watcher = {
  watch(directory, onEvent, onError) {
    if (process.platform !== "linux" && process.platform !== "darwin") {
      throw Object.assign(new Error("this system does not tell of writes in a directory"), {
        code: "ENOSYS",
      });
    }
    const watcher = watch(directory, { encoding: "utf8" }, (event, name) => {
      onEvent(event === "change" ? "change" : "rename", name);
    });
    watcher.on("error", onError);
    return () => watcher.close();
  },
};
