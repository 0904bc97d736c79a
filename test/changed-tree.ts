import { basename, dirname, join } from "node:path";
import { diskFiles, type FileAccess } from "../src/config/files.ts";
import { ConfigTree } from "../src/config/tree.ts";
import type { LogHub } from "../src/log/logger.ts";

/**
 * A configuration tree on the disk with some files replaced or added.
 *
 * @param base folder of the tree
 * @param files content by path below it
 */
export function changedTree(base: string, files: Readonly<Record<string, string>>, hub: LogHub): ConfigTree {
  const changed = new Map(Object.entries(files).map(([file, content]) => [join(base, file), content]));
  const access: FileAccess = {
    ...diskFiles,
    read: (path) => (changed.has(path) ? Buffer.from(changed.get(path)!) : diskFiles.read(path)),
    stat: (path) => (changed.has(path) ? "file" : diskFiles.stat(path)),
    exists: (path) => changed.has(path) || diskFiles.exists(path),
    list: (directory) => {
      const own = [...changed.keys()]
        .filter((path) => dirname(path) === directory)
        .map((path) => basename(path));
      return [...new Set([...diskFiles.list(directory), ...own])];
    },
  };
  return new ConfigTree(base, hub, access);
}
