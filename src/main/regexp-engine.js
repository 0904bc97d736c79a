import { setFlagsFromString } from "node:v8";

/**
 * Lets the engine go over to matching in linear time when an expression backtracks too much, so that a hostile
 * line costs milliseconds instead of minutes. It does so for expressions without look-ahead, back-references
 * and the like (docs/pyregex.md lists them); all others depend on the time guard of detection.
 *
 * To be called first of all: it concerns expressions that are compiled afterwards, and cached code is only
 * taken by processes with the same flags.
 */
export function useLinearFallback() {
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
}
