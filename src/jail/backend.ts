import { parseNameWithOptions } from "../config/options.ts";
import { typeError, valueError } from "../pyvalue/errors.ts";
import { repr } from "../pyvalue/repr.ts";
import { JournalOptionError, type JournalSelection, selectJournal } from "../source/journal-arguments.ts";
import { SyslogOptionError, type SyslogSelection, selectSyslog } from "../source/syslog-address.ts";

/** How a jail reads its log. */
export interface Backend {
  readonly name: "pyinotify" | "polling" | "systemd" | "stdin" | "syslog";
  /** The backend as it was asked for. */
  readonly requested: string;
  readonly options: ReadonlyMap<string, string>;
  /** The options as the log shows them: a Python dictionary. */
  readonly shownOptions: string;
  /** Which journal is read; `null` for backends that read none. */
  readonly journal: JournalSelection | null;
  /** Where syslog messages are received; `null` for backends that receive none. */
  readonly syslog: SyslogSelection | null;
}

/** Those of the reference, as its message lists them. */
const NAMES = ["pyinotify", "polling", "systemd"] as const;
const OWN_NAMES = ["stdin", "syslog"] as const;

/**
 * Chooses the backend for a text like `auto`, `polling` or `systemd[journalflags=1]`; `auto` means files that
 * are watched by inotify.
 *
 * @throws {PyError} for an unknown backend or one that takes no options
 */
export function chooseBackend(requested: string): Backend {
  const { name: given, options } = parseNameWithOptions(requested);
  const wanted = given.toLowerCase();
  const name = wanted === "auto" ? "pyinotify" : [...NAMES, ...OWN_NAMES].find((known) => known === wanted);
  if (!name) {
    throw valueError(`Unknown backend ${given}. Must be among ${repr([...NAMES])} or 'auto'`);
  }
  const journal = name === "systemd" ? usable(() => selectJournal(options, process.env)) : null;
  const syslog = name === "syslog" ? usable(() => selectSyslog(options)) : null;
  if (!journal && !syslog && options.size > 0) {
    throw typeError(`backend ${name} takes no options, got ${repr([...options.keys()])}`);
  }
  return { name, requested, options, shownOptions: repr(new Map(options)), journal, syslog };
}

function usable<T>(select: () => T): T {
  try {
    return select();
  } catch (error) {
    if (error instanceof SyslogOptionError) throw valueError(error.message);
    if (!(error instanceof JournalOptionError)) throw error;
    throw error.unknown ? typeError(error.message) : valueError(error.message);
  }
}
