import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The reference: Debian's package `fail2ban` 1.0.2, unpacked by `scripts/reference` into a temporary folder and
 * run as a black box beside ours.
 */

const FOLDER = process.env["F2B_REFERENCE"] ?? join(tmpdir(), "fail2ban-ts-reference");

/** Root of the unpacked package, or `null` where it or python3 is missing. */
export function referencePackage(): string | null {
  if (!existsSync(join(FOLDER, "usr/bin/fail2ban-client"))) return null;
  return spawnSync("python3", ["--version"]).status === 0 ? FOLDER : null;
}

/** The stock configuration tree of the package (input for tests, never to be changed), or `null`. */
export function referenceTree(): string | null {
  const tree = join(FOLDER, "etc/fail2ban");
  return existsSync(tree) ? tree : null;
}

/** For node:test's `skip` option: a reason when the package cannot be run, else `false`. */
export function skipWithoutReference(): string | false {
  return referencePackage()
    ? false
    : "the reference package is not unpacked (scripts/reference) or python3 is missing";
}

/** Command line and environment that run one of the package's programs. */
export function referenceCommand(
  program: "fail2ban-client" | "fail2ban-server" | "fail2ban-regex",
  ...args: string[]
): { command: string; args: string[]; env: NodeJS.ProcessEnv } {
  return {
    command: "python3",
    args: [join(FOLDER, "usr/bin", program), ...args],
    env: {
      ...process.env,
      PYTHONPATH: join(FOLDER, "usr/lib/python3/dist-packages"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  };
}
