import { accessSync, constants, statSync } from "node:fs";
import { pathLookup } from "../check/action-programs.ts";
import { checkTree } from "../check/check-tree.ts";
import type { ConfigurationInspector } from "../client/context.ts";
import { explainJail } from "../config/explain.ts";
import { ConfigTree } from "../config/tree.ts";
import { LogHub } from "../log/logger.ts";
import { FAIL2BAN_VERSION } from "../version.ts";

/** Where a shell looks for programs when nobody says. */
const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Looks at configurations on this machine. */
export const inspector: ConfigurationInspector = {
  check: (base) =>
    checkTree(base, {
      version: FAIL2BAN_VERSION,
      isThere: pathLookup(process.env["PATH"] ?? USUAL_PATH, isExecutable),
    }),
  explain: (base, jail) => explainJail(new ConfigTree(base, new LogHub(() => {})), jail, FAIL2BAN_VERSION),
};

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
