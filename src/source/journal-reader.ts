import { readdirSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CancelTimer, Clock } from "../time/clock.ts";
import { exportArguments, isRotatedFrom, type JournalSelection } from "./journal-arguments.ts";
import { type JournalEntry, JournalExportReader } from "./journal-export.ts";
import type { RunJournalctl } from "./journal-process.ts";
import type { SourceFault } from "./source-state.ts";
import type { Watcher } from "./watcher.ts";

/** Where reading begins: behind an entry, or at a time (seconds since 1970 UTC). */
export type JournalStart = { readonly after: string } | { readonly since: number };

/** What reading a journal needs. */
export interface JournalReaderOptions {
  readonly clock: Clock;
  readonly selection: JournalSelection;
  readonly run: RunJournalctl;
  /** Tells when one of the selected files is replaced. */
  readonly watcher: Watcher;
  /** Asked whenever a process is started. */
  readonly start: () => JournalStart;
  /** The alternatives, each a list of `FIELD=value`; asked whenever a process is started. */
  readonly matches: () => readonly (readonly string[])[];
  /** @param fresh the entry was written while the journal was being followed, not before */
  readonly onEntry: (entry: JournalEntry, fresh: boolean) => void;
  /** Some entries were handed on, and no more will be before something else happens. */
  readonly onPause: () => void;
  /** All entries that there were have been read. */
  readonly onCaughtUp: () => void;
  /** Something went wrong; reading is tried again by itself. */
  readonly onTrouble: (message: string) => void;
}

const FIRST_DELAY = 1;
const LONGEST_DELAY = 60;
/** Rotated files are read again as far back as this from where reading begins, seconds. */
const ROTATION_MARGIN = 60;
/** A rotation renames and creates several files; so many seconds later all of it is done. */
const ROTATION_PAUSE = 0.2;

/**
 * Reads a journal through `journalctl`: first what is there, by a process that ends with the last entry, then
 * what is written from then on, by one that follows. A process that dies is followed by another, with growing
 * pauses; no entry is lost or comes twice, as each begins where the last one came to.
 */
export class JournalReader {
  readonly #o: JournalReaderOptions;
  #running = false;
  #kill: (() => void) | null = null;
  #cancelRetry: CancelTimer | null = null;
  #cancelReplaced: CancelTimer | null = null;
  #unwatch: (() => void)[] = [];
  #delay = FIRST_DELAY;
  /** Counts the processes, so that nothing of an old one is heard. */
  #generation = 0;
  /** Which files the selected names led to when the past began to be read. */
  #inodes = "";
  #fault: SourceFault | null = null;

  constructor(options: JournalReaderOptions) {
    this.#o = options;
  }

  /** Why nothing is read at present; `null` while all is well. */
  get fault(): SourceFault | null {
    return this.#fault;
  }

  /** Begins to read; has no effect while that goes on. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#delay = FIRST_DELAY;
    this.#watchFiles();
    this.#read("past");
  }

  /** Ends reading; entries that were not handed on yet will be at the next start. */
  stop(): void {
    this.#running = false;
    this.#end();
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
  }

  /** Goes on with another process, because something about the first is outdated. */
  restart(): void {
    if (!this.#running) return;
    this.#end();
    this.#read("past");
  }

  #end(): void {
    this.#generation++;
    this.#kill?.();
    this.#kill = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#cancelReplaced?.();
    this.#cancelReplaced = null;
  }

  #read(part: "past" | "present"): void {
    const generation = ++this.#generation;
    const isCurrent = () => generation === this.#generation;
    const start = this.#o.start();
    if (part === "past") this.#inodes = this.#inodesNow();
    let isChecked = false;
    const isKnown = beginsWith(start);
    const entries = new JournalExportReader({
      onEntry: (entry) => {
        if (!isCurrent() || isKnown(entry)) return;
        this.#delay = FIRST_DELAY;
        this.#o.onEntry(entry, part === "present");
      },
      onOversized: (name) => this.#o.onTrouble(`Field ${name} of a journal entry is too long and left out`),
    });
    this.#kill = this.#o.run(this.#arguments(part, start), {
      onOutput: (piece) => {
        if (!isCurrent()) return;
        if (!isChecked && this.#inodes !== this.#inodesNow()) {
          this.#discard();
          return;
        }
        isChecked = true;
        this.#fault = null;
        entries.push(piece);
        this.#o.onPause();
      },
      onEnd: (reason) => isCurrent() && this.#ended(part, reason),
    });
  }

  #ended(part: "past" | "present", reason: string | null): void {
    this.#kill = null;
    if (part === "past" && reason === null) {
      this.#fault = null;
      this.#read("present");
      this.#o.onCaughtUp();
      return;
    }
    const delay = this.#delay;
    this.#delay = Math.min(delay * 2, LONGEST_DELAY);
    const { clock, onTrouble } = this.#o;
    const cause = reason ?? "journalctl ended";
    this.#fault = { health: "retrying", since: this.#fault?.since ?? clock.now(), reason: cause };
    onTrouble(`Unable to read the journal, it will be tried again: ${cause}`);
    this.#cancelRetry = clock.after(delay, () => this.#read("past"));
  }

  #arguments(part: "past" | "present", start: JournalStart): string[] {
    const { selection, matches } = this.#o;
    return [
      ...selection.arguments,
      ...(part === "past" ? this.#rotatedFiles(start).map((file) => `--file=${file}`) : ["--follow"]),
      // Inclusive, as the entry is there to be skipped only if its place is known to this journal.
      "after" in start ? `--cursor=${start.after}` : `--since=@${start.since.toFixed(6)}`,
      ...exportArguments(matches()),
    ];
  }

  /** What the selected files have become since reading last went on, so that their last entries are not missed. */
  #rotatedFiles(start: JournalStart): string[] {
    const since = "since" in start ? start.since : timeOfCursor(start.after);
    return this.#o.selection.files.flatMap((active) => {
      const directory = dirname(active);
      return namesIn(directory)
        .map((name) => join(directory, name))
        .filter((file) => isRotatedFrom(file, active) && modified(file) >= since - ROTATION_MARGIN);
    });
  }

  /** A process opened a file that took the place of one not yet read to its end: first things first. */
  #discard(): void {
    this.#end();
    this.#replaced();
  }

  #inodesNow(): string {
    return this.#o.selection.files.map((file) => factsOf(file)?.ino ?? 0).join();
  }

  #replaced(): void {
    this.#cancelReplaced ??= this.#o.clock.after(ROTATION_PAUSE, () => {
      this.#cancelReplaced = null;
      this.restart();
    });
  }

  #watchFiles(): void {
    const { selection, watcher } = this.#o;
    for (const directory of new Set(selection.files.map((file) => dirname(file)))) {
      const onEvent = (event: string, name: string | null) => {
        if (event === "rename" && name?.endsWith(".journal")) this.#replaced();
      };
      try {
        this.#unwatch.push(watcher.watch(directory, onEvent, () => {}));
      } catch {
        // The directory is not there; `journalctl` says so, and is started again and again.
      }
    }
  }
}

/** Recognises the entry that reading begins behind, which comes first if it is still there. */
function beginsWith(start: JournalStart): (entry: JournalEntry) => boolean {
  let first = "after" in start;
  return (entry) => {
    if (!first) return false;
    first = false;
    return "after" in start && entry.get("__CURSOR")?.[0]?.toString("latin1") === start.after;
  };
}

/** A cursor names, among other things, the time of its entry. */
function timeOfCursor(cursor: string): number {
  const stamp = /(?:^|;)t=([0-9a-f]+)/.exec(cursor)?.[1];
  return stamp === undefined ? 0 : Number.parseInt(stamp, 16) / 1e6;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function modified(file: string): number {
  return (factsOf(file)?.mtimeMs ?? 0) / 1000;
}

function factsOf(file: string): Stats | null {
  try {
    return statSync(file);
  } catch {
    return null;
  }
}
