import type { Stats } from "node:fs";

/** Names a file beyond its path; inode numbers alone are used again. */
export function fileIdentity({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}
