import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | null = null;

/**
 * Collects garbage now. V8 does so by itself, but only while it works: after much work a daemon that has nothing to
 * do would keep hundreds of megabytes.
 *
 * @param options.keepCode keeps the code that was compiled; else the engine compiles anew what is used again
 */
export function releaseMemory({ keepCode }: { readonly keepCode: boolean }): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext(`() => gc({ type: "major", flavor: "last-resort" })`) as () => void;
  }
  if (keepCode) setFlagsFromString("--no-flush-bytecode");
  collect();
  if (keepCode) setFlagsFromString("--flush-bytecode");
}
