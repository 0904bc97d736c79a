import { glob } from "../config/glob.ts";
import { parseLogPath } from "../config/log-paths.ts";
import type { MergedConfig } from "../config/merged.ts";
import type { ConfigTree } from "../config/tree.ts";
import { type Finding, positionOf, warning } from "./finding.ts";
import { textOf } from "./option-text.ts";

/** Log paths of an enabled jail that match no file, one by one, and words behind them that mean nothing. */
export function logFindings(tree: ConfigTree, config: MergedConfig, jail: string): Finding[] {
  if (textOf(config, jail, "backend").startsWith("systemd")) return [];
  const position = positionOf(jail, "logpath", config.raw(jail, "logpath"));
  const lines = textOf(config, jail, "logpath").split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    const { path, mode } = parseLogPath(line);
    if (!/^(?:head|tail)$/i.test(mode)) {
      const expected = "'head' or 'tail' behind the blank";
      return [warning(`Log path '${line}' ends with '${mode}'`, { ...position, expected })];
    }
    if (glob(path, tree.files).length > 0) return [];
    return [warning(`Log path '${path}' matches no file`, position)];
  });
}
