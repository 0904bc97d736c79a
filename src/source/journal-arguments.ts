import { basename, dirname } from "node:path";
import { JOURNAL_FIELDS } from "./journal-entry.ts";

/** Which journal a jail reads, as arguments of `journalctl`. */
export interface JournalSelection {
  /** Arguments that choose the journal. */
  readonly arguments: readonly string[];
  /** Files named one by one, perhaps as patterns; `journalctl` does not notice when one of them is replaced. */
  readonly files: readonly string[];
}

/** An option in the brackets of `systemd[…]` that cannot be used. */
export class JournalOptionError extends Error {
  /** Whether the option itself is not known, rather than its value. */
  readonly unknown: boolean;

  constructor(message: string, unknown = false) {
    super(message);
    this.name = "JournalOptionError";
    this.unknown = unknown;
  }
}

/** Bits of `journalflags`. */
const FLAG = { localOnly: 1, runtimeOnly: 2, systemOnly: 4, currentUser: 8 } as const;
const KNOWN: readonly string[] = ["journalpath", "journalfiles", "journalflags", "namespace", "rotated"];
const RUNTIME_JOURNAL = "/run/log/journal";
const TRUE_WORDS = /^(?:1|on|true|yes)$/i;

/**
 * Translates the options of `systemd[…]`.
 *
 * @param environment where `F2B_SYSTEMD_DEFAULT_FLAGS` may say which flags there are without any option
 * @throws {JournalOptionError}
 */
export function selectJournal(
  options: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): JournalSelection {
  const unknown = [...options.keys()].find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw new JournalOptionError(
      `backend systemd takes no option '${unknown}', only ${KNOWN.join(", ")}`,
      true,
    );
  }
  const files = (options.get("journalfiles") ?? "").split(/[,\s]+/).filter((word) => word !== "");
  if (files.length > 0) return { arguments: ["--merge", ...files.map((file) => `--file=${file}`)], files };
  const flags = flagsOf(options, environment);
  const path = options.get("journalpath");
  const namespace = options.get("namespace");
  // Without it `--follow` is confined to the last start of the machine, and fails where there is none yet.
  const chosen = flags & FLAG.localOnly ? [] : ["--merge"];
  if (path) chosen.push(`--directory=${path}`);
  else if (namespace) chosen.push(`--namespace=${namespace}`);
  else if (flags & FLAG.runtimeOnly) chosen.push(`--directory=${RUNTIME_JOURNAL}`);
  if (flags & FLAG.systemOnly) chosen.push("--system");
  if (flags & FLAG.currentUser) chosen.push("--user");
  return { arguments: chosen, files: [] };
}

function flagsOf(
  options: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): number {
  const given = options.get("journalflags");
  if (given !== undefined) return integer("journalflags", given);
  if (options.has("journalpath")) return 0;
  const standard = environment["F2B_SYSTEMD_DEFAULT_FLAGS"];
  if (standard !== undefined) return integer("F2B_SYSTEMD_DEFAULT_FLAGS", standard);
  return TRUE_WORDS.test(options.get("rotated") ?? "") ? FLAG.systemOnly : 0;
}

function integer(name: string, text: string): number {
  if (/^\s*\d+\s*$/.test(text)) return Number(text);
  throw new JournalOptionError(`${name} must be a sum of 1, 2, 4 and 8, not '${text}'`);
}

/**
 * Arguments of `journalctl` that make it write entries for {@link JournalExportReader}.
 *
 * @param matches the alternatives, each a list of `FIELD=value`; none: all entries
 */
export function exportArguments(matches: readonly (readonly string[])[]): string[] {
  return [
    "--no-tail",
    "--no-pager",
    "--quiet",
    "--output=export",
    `--output-fields=${JOURNAL_FIELDS.join(",")}`,
    "--",
    ...matches.flatMap((match, index) => (index === 0 ? match : ["+", ...match])),
  ];
}

/** The alternatives, separated by `+`, of a list of words; `null` when one of the words is no match. */
export function matchAlternatives(words: readonly string[]): string[][] | null {
  const alternatives: string[][] = [[]];
  for (const word of words) {
    if (word === "+") alternatives.push([]);
    else alternatives.at(-1)!.push(word);
  }
  const filled = alternatives.filter((alternative) => alternative.length > 0);
  return filled.flat().every(isJournalMatch) ? filled : null;
}

/** Whether the journal takes a text as a match: `FIELD=value`, the field in capitals, digits and underscores. */
function isJournalMatch(text: string): boolean {
  return /^(?!__)[A-Z0-9_]+=/.test(text);
}

/**
 * Whether a file is what became of another by rotation: journals that are full are renamed from `system.journal`
 * to `system@ID-NUMBER-TIME.journal`.
 */
export function isRotatedFrom(file: string, active: string): boolean {
  const stem = basename(active, ".journal");
  return (
    dirname(file) === dirname(active) && basename(file).startsWith(`${stem}@`) && file.endsWith(".journal")
  );
}
