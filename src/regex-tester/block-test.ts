import { LEVELS, LogHub } from "../log/logger.ts";
import { lookupEncoding } from "../source/encoding.ts";
import type { Clock } from "../time/clock.ts";
import type { BlockMessage, BlockResult, WorkerStart } from "./block-messages.ts";
import { newCountingTest } from "./counting-test.ts";
import { decodeLines } from "./log-input.ts";
import { partOf } from "./results.ts";
import { makeTesterFilter } from "./tester-filter.ts";

/**
 * Makes what tests blocks of a log, each as if it had read all lines before it. It is told what these would have
 * left behind; whether that was right is for the one who asks to judge.
 *
 * @throws {TesterError} when the filter cannot be made
 */
export function makeBlockTest(
  { options, encoding }: WorkerStart,
  clock: Clock,
): (block: BlockMessage) => Promise<BlockResult> {
  let isTroubled = false;
  const hub = new LogHub(() => {
    isTroubled = true;
  }, LEVELS.WARNING);
  const decoder = lookupEncoding(encoding);
  const made = makeTesterFilter(options, { clock, hub, say: () => {} });
  const { filter } = made;
  return async ({ bytes, before, memory }) => {
    isTroubled = false;
    const errors = filter.lineErrors;
    filter.dateMemory = memory;
    filter.examineLines(before, { inOperation: false }, () => {});
    const begin = filter.dateMemory;
    const printed: string[] = [];
    const print = (line: string) => void printed.push(line);
    const { tester, results } = newCountingTest(options, made, { clock, hub, print });
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const { text, ascii } = decodeLines({ bytes: raw, decoder });
    await tester.test(text, ascii);
    return {
      part: partOf(results),
      printed,
      begin,
      end: filter.dateMemory,
      isTroubled: isTroubled || filter.lineErrors > errors,
    };
  };
}
