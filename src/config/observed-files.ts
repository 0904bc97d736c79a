import type { FileAccess } from "./files.ts";

/** One look at the file system: how, where, and what it showed. */
export type Look = readonly [kind: "read" | "list" | "stat" | "exists", path: string, shown: string];

/** A file system that remembers what was looked at. */
export class ObservedFiles implements FileAccess {
  readonly #files: FileAccess;
  readonly #looks = new Map<string, Look>();
  #lastChange = 0;

  constructor(files: FileAccess) {
    this.#files = files;
  }

  /** All looks so far. */
  get looks(): Look[] {
    return [...this.#looks.values()];
  }

  /** When the youngest file or directory whose content was looked at had changed, in milliseconds since the epoch. */
  get lastChange(): number {
    return this.#lastChange;
  }

  read(path: string): Uint8Array {
    this.#note("read", path);
    return this.#files.read(path);
  }

  list(directory: string): string[] {
    this.#note("list", directory);
    return this.#files.list(directory);
  }

  stat(path: string): "file" | "directory" | undefined {
    this.#note("stat", path);
    return this.#files.stat(path);
  }

  exists(path: string): boolean {
    this.#note("exists", path);
    return this.#files.exists(path);
  }

  version(path: string): ReturnType<FileAccess["version"]> {
    return this.#files.version(path);
  }

  /** Taken before the look itself: a change in between then shows later. */
  #note(kind: Look[0], path: string): void {
    const key = `${kind} ${path}`;
    if (this.#looks.has(key)) return;
    this.#looks.set(key, [kind, path, show(this.#files, kind, path)]);
    if (kind !== "read" && kind !== "list") return;
    this.#lastChange = Math.max(this.#lastChange, this.#files.version(path)?.changed ?? 0);
  }
}

/** Whether all looks would show again what they showed. */
export function isUnchanged(looks: readonly Look[], files: FileAccess): boolean {
  return looks.every(([kind, path, shown]) => show(files, kind, path) === shown);
}

/** What there is to see, as text. */
function show(files: FileAccess, kind: Look[0], path: string): string {
  if (kind === "stat") return files.stat(path) ?? "";
  if (kind === "exists") return String(files.exists(path));
  return files.version(path)?.id ?? "";
}
