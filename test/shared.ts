import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder of shared specifications, golden exchanges and corpora beside the checkout; may be absent. */
export const SHARED = resolve(import.meta.dirname, "../../shared");

/** Path below the shared folder. */
export function shared(...parts: string[]): string {
  return join(SHARED, ...parts);
}

/** For node:test's `skip` option: a reason when the shared path is not there, else `false`. */
export function skipWithout(...parts: string[]): string | false {
  const path = shared(...parts);
  return existsSync(path) ? false : `shared data ${join(...parts)} is not beside the checkout`;
}
