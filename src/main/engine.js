import { setFlagsFromString } from "node:v8";

/*
 * Code that was kept, Node's own as well as that of the package, is only taken by processes with the flags that it was
 * made with. So all of this is to be called when a program has been loaded, but before it does anything.
 */

/**
 * Lets the engine go over to matching in linear time when an expression backtracks too much, so that a hostile
 * line costs milliseconds instead of minutes. It does so for expressions without look-ahead, back-references
 * and the like (docs/pyregex.md lists them); all others depend on the time guard of detection.
 *
 * It concerns expressions that are compiled afterwards.
 */
export function useLinearFallback() {
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
}

/**
 * Keeps the engine from making objects as old ones because those of their kind lived for long in the past. What is
 * found in a block of lines is held until the block has been read and then dropped; made as old, it would take
 * most of what it holds along into the memory that is seldom tidied up.
 */
export function makeObjectsYoung() {
  setFlagsFromString("--no-allocation-site-pretenuring");
}

/**
 * Has the engine keep what it has compiled, however long it is not used: between two attackers there may be weeks, and
 * the next one is to find nothing that has to be compiled anew.
 */
export function keepCode() {
  setFlagsFromString("--no-flush-bytecode");
}

/**
 * Has the engine collect old objects whenever they have doubled, not only when there are four times as many: a log of
 * any size is read in little memory.
 */
export function growSlowly() {
  setFlagsFromString("--heap-growing-percent=100");
}

/** Takes all of the above back, so that code can be kept for programs that are still to be loaded. */
export function useDefaults() {
  setFlagsFromString("--no-enable-experimental-regexp-engine-on-excessive-backtracks");
  setFlagsFromString("--allocation-site-pretenuring");
  setFlagsFromString("--flush-bytecode");
  setFlagsFromString("--heap-growing-percent=0");
}
