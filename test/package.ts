import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");

/**
 * Makes what the package manager would install, with this checkout's Node.
 *
 * @param folder where to, must be empty
 * @returns the folder of its commands
 */
export function installPackage(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const part of ["bin", "config", "package.json"]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const built = spawnSync(process.execPath, [join(ROOT, "packaging/build.ts"), join(folder, "dist")], {
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(`The package cannot be built:\n${built.stdout}${built.stderr}`);
  return join(folder, "bin");
}
