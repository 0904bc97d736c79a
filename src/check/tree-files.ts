import { posix } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import type { ConfigTree } from "../config/tree.ts";
import { type Finding, warning } from "./finding.ts";

const FOLDERS = ["", "fail2ban.d", "jail.d", "filter.d", "action.d"];

/**
 * Parses the files that nothing in use asked for, so that a slip in them shows before they are needed; and names files
 * that cannot be read, used or not.
 *
 * @param problems where the tree puts syntax errors
 */
export function fileFindings(tree: ConfigTree, problems: readonly ConfigError[]): Finding[] {
  const known = problems.length;
  for (const path of configurationFiles(tree)) {
    try {
      tree.parse(path);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  const unreadable = [...tree.parsedFiles()]
    .filter(([path, ini]) => ini === undefined && tree.files.exists(path))
    .map(([file]) =>
      warning(unreadableReason(tree, file), { file, expected: "a readable text file in UTF-8" }),
    );
  return [...unreadable, ...problems.slice(known).map(({ message, position }) => warning(message, position))];
}

function configurationFiles(tree: ConfigTree): string[] {
  return FOLDERS.flatMap((folder) => {
    const path = folder === "" ? tree.base : posix.join(tree.base, folder);
    const names = tree.files.list(path).filter((name) => /^[^.].*\.(?:conf|local)$/.test(name));
    return names.toSorted().map((name) => posix.join(path, name));
  });
}

function unreadableReason(tree: ConfigTree, path: string): string {
  if (tree.files.stat(path) === "directory") return "A directory in the place of a file";
  if (tree.files.stat(path) === undefined) return "A link that leads nowhere";
  try {
    tree.files.read(path);
    return "The file is not valid UTF-8";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `The file cannot be read${code === undefined ? "" : ` (${code})`}`;
  }
}
