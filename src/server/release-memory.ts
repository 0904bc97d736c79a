import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { trimAllocations } from "./trim-allocations.ts";

let collect: (() => void) | null = null;

/**
 * Collects garbage now, and gives the memory back to the system. V8 does so by itself, but only while it works: after
 * much work a daemon that has nothing to do would keep hundreds of megabytes.
 */
export function releaseMemory(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext(`() => gc({ type: "major", flavor: "last-resort" })`) as () => void;
  }
  collect();
  trimAllocations();
}
