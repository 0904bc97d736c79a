import { LEVELS, LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { type Failure, lineText, matchesOf } from "./failure.ts";
import { Filter, type FilterOptions } from "./filter.ts";

/** The time at which tests take place: 2023-11-14 11:00:00 UTC. */
export const NOW = 1_699_959_600;

/** A filter with the messages that it logs. */
export interface TestFilter {
  readonly filter: Filter;
  readonly clock: ManualClock;
  readonly messages: string[];
}

/** A filter with the given expressions, at {@link NOW}; dates are epoch numbers unless set otherwise. */
export function testFilter(
  setup: {
    readonly fail?: readonly string[];
    readonly ignore?: readonly string[];
    readonly pref?: string;
    readonly maxLines?: number;
    readonly datePattern?: string | null;
  },
  options: Partial<FilterOptions> = {},
): TestFilter {
  const messages: string[] = [];
  const hub = new LogHub(({ message }) => messages.push(message), LEVELS.WARNING);
  const clock = new ManualClock(NOW);
  const filter = new Filter({ jail: "test", clock, log: hub.logger("filter"), ...options });
  filter.maxLines = setup.maxLines ?? 1;
  if (setup.pref !== undefined) filter.prefRegex = setup.pref;
  for (const regex of setup.fail ?? []) filter.addFailRegex(regex);
  for (const regex of setup.ignore ?? []) filter.addIgnoreRegex(regex);
  const pattern = setup.datePattern === undefined ? "^EPOCH" : setup.datePattern;
  if (pattern !== null) filter.datePattern = pattern;
  return { filter, clock, messages };
}

/** A failure in short: `id time line|line`. */
export function brief({ subject, time, data }: Failure): string {
  const id = "id" in subject ? subject.id.text : `?${subject.hostName}`;
  return `${id} ${time} ${matchesOf(data).map(lineText).join("|")}`;
}

/** Failures of lines that are given one by one, in short. */
export function failuresOf(filter: Filter, lines: readonly string[], inOperation = false): string[] {
  return lines.flatMap((line) => filter.processLine(line, { inOperation }).map(brief));
}

/** Failures of the same lines given as one block, in short. */
export function failuresOfBlock(
  filter: Filter,
  lines: readonly string[],
  inOperation = false,
  ascii = false,
): string[] {
  const found: string[] = [];
  const block = lines.map((line) => `${line}\n`).join("");
  filter.processBlock(block, { inOperation, ascii }, (failure) => found.push(brief(failure)));
  return found;
}
