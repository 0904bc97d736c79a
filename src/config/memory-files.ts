import { posix } from "node:path";
import type { FileAccess } from "./files.ts";

/** A file tree in memory, from absolute path to content; folders come into being with their files. */
export function memoryFiles(content: Readonly<Record<string, string | Uint8Array>>): FileAccess {
  const files = new Map(
    Object.entries(content).map(([path, data]) => [posix.normalize(path), Buffer.from(data)]),
  );
  const folders = new Map<string, Set<string>>();
  for (const path of files.keys()) addToFolders(folders, path);
  const find = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, "");
  return {
    read(path) {
      const data = files.get(find(path));
      if (data === undefined) throw new Error(`no such file: ${path}`);
      return data;
    },
    stat: (path) => (files.has(find(path)) ? "file" : folders.has(find(path)) ? "directory" : undefined),
    exists: (path) => files.has(find(path)) || folders.has(find(path)),
    list: (directory) => [...(folders.get(find(directory)) ?? [])],
    version(path) {
      const names = folders.get(find(path));
      const content = files.get(find(path)) ?? (names && Buffer.from([...names].join("/")));
      return content === undefined ? undefined : { id: content.toString("latin1"), changed: 0 };
    },
  };
}

function addToFolders(folders: Map<string, Set<string>>, path: string): void {
  for (let at = path; at !== posix.dirname(at); at = posix.dirname(at)) {
    const names = folders.get(posix.dirname(at)) ?? new Set<string>();
    names.add(posix.basename(at));
    folders.set(posix.dirname(at), names);
  }
}
