import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/*
 * This file and those that import it before the cache is in use are plain JavaScript: types would have to be
 * stripped from them at every start, and loading what does that takes longer than the rest of a short run.
 */

/**
 * The folder for what programs keep to start faster, made if need be; `undefined` without a safe one. It belongs to
 * the user alone: in a shared one, such as Node's default, others could put code for root to run.
 *
 * @returns {string | undefined}
 */
export function cacheFolder() {
  const uid = process.getuid?.() ?? -1;
  const parent = uid === 0 ? "/var/cache" : process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(parent, "fail2ban-ts");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid: owner } = lstatSync(folder);
    return owner === uid && (mode & 0o022) === 0 ? folder : undefined;
  } catch {
    // Without a place for the cache programs only start more slowly.
    return undefined;
  }
}

/** Lets Node keep compiled code between runs, which halves the time that a program takes to start. */
export function useCompileCache() {
  const folder = cacheFolder();
  if (folder !== undefined) enableCompileCache(folder);
}
