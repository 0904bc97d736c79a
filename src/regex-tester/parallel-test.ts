import type { Filter, TimedLine } from "../detect/filter.ts";
import type { DateMemory } from "../detect/line-dates.ts";
import { type ChoiceState, choosesAlike } from "../time/choice-state.ts";
import type { Clock } from "../time/clock.ts";
import type { BlockResult } from "./block-messages.ts";
import type { TestBlock } from "./block-threads.ts";
import type { CountingTest } from "./counting-test.ts";
import { type LineSink, testedLines } from "./line-sink.ts";
import { decodeLines, type RawLines } from "./log-input.ts";
import { PREF_DETAILS } from "./report.ts";
import { addPart } from "./results.ts";

/** What testing blocks at the same time needs. */
export interface ParallelTestOptions {
  readonly filter: Filter;
  /** The test that the blocks' results are added to. */
  readonly counting: CountingTest;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  readonly testBlock: TestBlock;
  /** Blocks that may be under way at a time. */
  readonly capacity: number;
  /** Bytes of a block, about; default 512 KiB. */
  readonly blockSize?: number;
}

interface Job {
  readonly lines: RawLines;
  readonly result: Promise<BlockResult | null>;
}

const BLOCK_SIZE = 1 << 19;
/** Bytes in which the last lines of a block are looked for, and how many of these a thread reads before the next block. */
const TAIL_BYTES = 1 << 14;
const TAIL_LINES = 4;
/** Seconds for which a date may stand in for missing ones, generously. */
const STANDS_IN = 3600;

/**
 * Tests blocks of a log in threads, with the results that testing them one after the other would give.
 *
 * All that passes from one block to the next, for the filters that come here, is what is remembered of dates. A
 * thread begins a block with what was remembered a little earlier, reads the last lines before the block, and tells
 * what is remembered then, and behind the block. When the block's turn comes, that is compared with what really is
 * remembered. Where it makes a difference, or where something happened that depends on order, such as an expression
 * that took too long, the block is tested again, in its turn.
 */
export class ParallelTest implements LineSink {
  readonly #o: ParallelTestOptions;
  readonly #jobs: Job[] = [];
  /** Pieces that are to become one block. */
  #pieces: Buffer[] = [];
  #size = 0;
  #decoder: RawLines["decoder"] | null = null;
  /** The last lines that were handed out; `null`: there were none. */
  #tail: readonly string[] | null = null;
  /** All lines are tested here from now on. */
  #isAlone = false;

  constructor(options: ParallelTestOptions) {
    this.#o = options;
  }

  test(block: string, ascii?: boolean): Promise<void> {
    return this.#o.counting.tester.test(block, ascii);
  }

  testTimed(entries: readonly TimedLine[]): Promise<void> {
    return this.#o.counting.tester.testTimed(entries);
  }

  async testRaw({ bytes, decoder }: RawLines): Promise<void> {
    const { blockSize = BLOCK_SIZE } = this.#o;
    if (this.#tail === null || this.#isAlone || decoder.unit > 1) {
      await this.finish();
      this.#tail = lastLines({ bytes, decoder });
      return this.#testHere({ bytes, decoder });
    }
    this.#pieces.push(Buffer.from(bytes));
    this.#size += bytes.length;
    this.#decoder = decoder;
    if (this.#size >= blockSize) await this.#send(decoder);
  }

  async finish(): Promise<void> {
    if (this.#size > 0) await this.#send(this.#decoder!);
    while (this.#jobs.length > 0) await this.#takeFirst();
  }

  async #send(decoder: RawLines["decoder"]): Promise<void> {
    const lines = { bytes: Buffer.concat(this.#pieces), decoder };
    this.#pieces = [];
    this.#size = 0;
    while (this.#jobs.length >= this.#o.capacity) await this.#takeFirst();
    const { filter, testBlock } = this.#o;
    const before = this.#tail ?? [];
    this.#tail = lastLines(lines);
    this.#jobs.push({ lines, result: testBlock({ bytes: lines.bytes, before, memory: filter.dateMemory }) });
  }

  async #takeFirst(): Promise<void> {
    const { lines, result } = this.#jobs.shift()!;
    const found = await result;
    if (found && this.#isValid(found)) this.#add(found);
    else {
      this.#isAlone ||= !found || found.isTroubled;
      await this.#testHere(lines);
    }
  }

  async #testHere(raw: RawLines): Promise<void> {
    const { text, ascii } = decodeLines(raw);
    await this.#o.counting.tester.test(text, ascii);
  }

  #isValid({ begin, end, isTroubled }: BlockResult): boolean {
    const now = this.#o.clock.now();
    const real = this.#o.filter.dateMemory;
    return (
      !this.#isAlone &&
      !isTroubled &&
      begin.learned.switches === end.learned.switches &&
      choosesAlike(begin.learned, real.learned) &&
      standInText(begin, now) === standInText(real, now)
    );
  }

  #add({ part, printed, begin, end }: BlockResult): void {
    const { filter, counting, print } = this.#o;
    addPart(counting.results, part, PREF_DETAILS);
    for (const line of printed) print(line);
    const learned = withUses(end.learned, begin.learned, filter.dateMemory.learned);
    filter.dateMemory = { learned, lastKnown: end.lastKnown };
  }
}

/** The last lines of some, without their ends. */
function lastLines({ bytes, decoder }: RawLines): readonly string[] {
  const isPart = bytes.length > TAIL_BYTES;
  const { text } = decodeLines({ bytes: bytes.subarray(-TAIL_BYTES), decoder });
  const whole = isPart ? text.slice(text.indexOf("\n") + 1) : text;
  return testedLines(whole).slice(-TAIL_LINES);
}

/** The date that may stand in for missing ones; old ones never do. */
function standInText({ lastKnown }: DateMemory, now: number): string {
  return lastKnown && lastKnown.time > now - STANDS_IN ? JSON.stringify(lastKnown) : "";
}

/** What was learned behind a block, with the real number of uses. */
function withUses(end: ChoiceState, begin: ChoiceState, real: ChoiceState): ChoiceState {
  const entries = end.entries.map((entry, i) => {
    const uses = entry.hits - begin.entries[i]!.hits;
    return { ...entry, hits: real.entries[i]!.hits + uses };
  });
  return { ...end, entries, switches: real.switches };
}
