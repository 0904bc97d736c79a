import type { DateMemory } from "../detect/line-dates.ts";
import type { TesterOptions } from "./options.ts";
import type { ResultsPart } from "./results.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly options: TesterOptions;
  /** Name of the log's encoding. */
  readonly encoding: string;
}

/** Lines to be tested. */
export interface BlockMessage {
  /** Whole lines. */
  readonly bytes: Uint8Array;
  /** The lines before, as many as make the date memory right. */
  readonly before: readonly string[];
  /** Date memory of a place a little earlier in the log. */
  readonly memory: DateMemory;
}

/** What came out of a block. */
export interface BlockResult {
  readonly part: ResultsPart;
  /** Lines that were printed. */
  readonly printed: readonly string[];
  /** Date memory before the block and behind it. */
  readonly begin: DateMemory;
  readonly end: DateMemory;
  /** Something was logged, or an expression was given up: it has to be done again in order. */
  readonly isTroubled: boolean;
}
