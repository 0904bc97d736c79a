import { OptionSyntaxError, parseNameWithOptions } from "../config/options.ts";
import { shellWords } from "../config/shell-words.ts";
import type { TimedLine } from "../detect/filter.ts";
import { lookupEncoding } from "../source/encoding.ts";
import {
  exportArguments,
  JournalOptionError,
  type JournalSelection,
  matchAlternatives,
  selectJournal,
} from "../source/journal-arguments.ts";
import { journalLine } from "../source/journal-entry.ts";
import { JournalExportReader } from "../source/journal-export.ts";
import type { RunJournalctl } from "../source/journal-process.ts";
import { TesterError } from "./tester-error.ts";

const NAME = "systemd-journal";

/** Whether the LOG argument stands for the journal: `systemd-journal`, perhaps with options in brackets. */
export function isJournal(argument: string): boolean {
  return argument.startsWith(NAME);
}

/**
 * The journal that a LOG argument stands for; options are those of the backend `systemd[…]`.
 *
 * @throws {TesterError} for options that cannot be used
 */
export function journalNamed(argument: string, environment: NodeJS.ProcessEnv): JournalSelection {
  try {
    return selectJournal(parseNameWithOptions(argument).options, environment);
  } catch (error) {
    if (error instanceof OptionSyntaxError || error instanceof JournalOptionError)
      throw new TesterError(`ERROR: ${argument}: ${error.message}`);
    throw error;
  }
}

/**
 * The words of `--journalmatch`, split as a shell does.
 *
 * @throws {TesterError} when a quotation mark is not closed
 */
export function matchWords(text: string): string[] {
  try {
    return shellWords(text);
  } catch (error) {
    throw new TesterError(`ERROR: journalmatch ${text}: ${(error as Error).message}`);
  }
}

/** What is to be read of a journal. */
export interface JournalQuery {
  readonly selection: JournalSelection;
  /** Words `FIELD=value`, alternatives separated by `+`; none: all entries. */
  readonly matches: readonly string[];
  /** Encoding of what is not UTF-8. */
  readonly encoding: string;
  readonly run: RunJournalctl;
}

/**
 * The entries of a journal as log lines with their times, oldest first, in pieces as they come.
 *
 * @throws {TesterError} for matches that are none, and when the journal cannot be read
 */
export function linesOfJournal(query: JournalQuery): AsyncIterable<readonly TimedLine[]> {
  const alternatives = matchAlternatives(query.matches);
  if (alternatives) return readJournal(query, alternatives);
  throw new TesterError(
    `ERROR: journalmatch ${query.matches.join(" ")}: expected words FIELD=value, alternatives separated by +`,
  );
}

async function* readJournal(
  { selection, encoding, run }: JournalQuery,
  alternatives: readonly (readonly string[])[],
): AsyncGenerator<readonly TimedLine[]> {
  const decoder = lookupEncoding(encoding);
  let taken: TimedLine[] = [];
  let end: { readonly reason: string | null } | null = null;
  let wake = Promise.withResolvers<void>();
  const entries = new JournalExportReader({
    onEntry: (entry) => {
      const line = journalLine(entry, decoder);
      if (line) taken.push({ line: ["", `${line.isoTime} `, line.text], time: line.time });
    },
  });
  const kill = run([...selection.arguments, ...exportArguments(alternatives)], {
    onOutput: (piece) => {
      entries.push(piece);
      wake.resolve();
    },
    onEnd: (reason) => {
      end = { reason };
      wake.resolve();
    },
  });
  try {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers();
      const ended = end as { readonly reason: string | null } | null;
      const lines = taken;
      taken = [];
      if (lines.length > 0) yield lines;
      if (!ended) continue;
      if (ended.reason === null) return;
      throw new TesterError(`ERROR: Unable to read the journal: ${ended.reason}`);
    }
  } finally {
    kill();
  }
}
