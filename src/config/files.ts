import { closeSync, lstatSync, opendirSync, openSync, readFileSync, readSync, statSync } from "node:fs";

/** What reading a configuration needs from a file system; tests give it a tree in memory. */
export interface FileAccess {
  /**
   * Content of a file.
   *
   * @throws if there is no such file or it cannot be read (as for a directory).
   */
  read(path: string): Uint8Array;
  /** What the path leads to, links followed; `undefined` if it leads nowhere. */
  stat(path: string): "file" | "directory" | undefined;
  /** Whether the name itself exists, be it a link that leads nowhere. */
  exists(path: string): boolean;
  /** Names in a directory in the order of the file system; empty if it cannot be read. */
  list(directory: string): string[];
  /** Tells whether a file or directory is still what it was; `undefined` if the path leads nowhere. */
  version(path: string): FileVersion | undefined;
}

/** A state of a file or directory. */
export interface FileVersion {
  /** Differs from that of any other file, and of the same one after a change. */
  readonly id: string;
  /** Time of the last change, in milliseconds since the epoch. */
  readonly changed: number;
}

/** The real file system. */
export const diskFiles: FileAccess = {
  read: readWhole,
  stat: kindOf,
  exists: (path) => attempt(() => lstatSync(path, QUIET)) !== undefined,
  // Most folders that are asked for do not exist, and an exception costs more than a look.
  list: (path) => (kindOf(path) === "directory" ? attempt(() => listUnsorted(path)) : undefined) ?? [],
  version(path) {
    const stats = attempt(() => statSync(path, QUIET));
    if (stats === undefined) return undefined;
    const { dev, ino, mode, size, mtimeMs, ctimeMs } = stats;
    return { id: [dev, ino, mode, size, mtimeMs, ctimeMs].join(" "), changed: Math.max(mtimeMs, ctimeMs) };
  },
};

const QUIET = { throwIfNoEntry: false } as const;

/** Most files of a configuration fit into this, in bytes, and need no look at their size before. */
const USUAL_SIZE = 8 * 1024;

function readWhole(path: string): Uint8Array {
  const buffer = Buffer.allocUnsafe(USUAL_SIZE);
  const descriptor = openSync(path, "r");
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < USUAL_SIZE; length += read) {
      read = readSync(descriptor, buffer, length, USUAL_SIZE - length, null);
    }
    return length < USUAL_SIZE ? buffer.subarray(0, length) : readFileSync(path);
  } finally {
    closeSync(descriptor);
  }
}

function kindOf(path: string): "file" | "directory" | undefined {
  const stats = attempt(() => statSync(path, QUIET));
  return stats === undefined ? undefined : stats.isDirectory() ? "directory" : "file";
}

/** `readdir` sorts, but the order of log files is that of the file system. */
function listUnsorted(path: string): string[] {
  const directory = opendirSync(path);
  try {
    const names: string[] = [];
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync())
      names.push(entry.name);
    return names;
  } finally {
    directory.closeSync();
  }
}

/** A path may also contain a NUL byte, which Node refuses with an exception of its own: it leads nowhere. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
