import type { Stats } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { CancelTimer } from "../time/clock.ts";
import { Complaints } from "./complaints.ts";
import type { DirectoryWatches, WatchListener, WatchPoint } from "./directory-watches.ts";
import { errorCode, errorText, readLink, statLink, statPath } from "./file-io.ts";
import { OpenFile, type ReadingContext } from "./open-file.ts";
import { isRemote } from "./remote-file.ts";
import type { SourceFault } from "./source-state.ts";
import type { FileCondition, Subscription } from "./subscription.ts";

/** What the files of a hub share. */
export interface TailContext extends ReadingContext {
  readonly watches: DirectoryWatches;
  /** See `fileSystemOf`. */
  readonly fileSystemOf: (path: string) => Promise<number>;
}

/** Seconds between two looks at a file that events tell of: in case an event got lost. */
const SWEEP_SECONDS = 30;
/** Looks at polled files come after 0.2, 0.4, … 2 s, and after 0.2 s again when there was something new. */
const POLL_STEP_SECONDS = 0.2;
const POLL_MOST_SECONDS = 2;
/** A missing file is looked for after 0.2, 0.4, 0.8, … 10 s. */
const ABSENT_FIRST_SECONDS = 0.2;
const ABSENT_MOST_SECONDS = 10;
/** An administrator hears of a polled file that is missing for so long. */
const ABSENT_WARN_SECONDS = 108;
/** A file that was rotated away is kept open for so long, as its writer may not have heard of it. */
const LINGER_SECONDS = 60;
/** Least seconds between two reads of a renamed file because something was written in its directory. */
const NEIGHBOUR_SECONDS = 0.05;
const LONGEST_LINK_CHAIN = 40;

/**
 * One path with all that it leads to over time: opens the file, sees that it was rotated, went or came back,
 * and keeps what was rotated away open until it is read to its end.
 */
export class TailedFile implements WatchListener {
  readonly path: string;
  readonly mode: "inotify" | "polling";
  readonly #context: TailContext;
  readonly #subscriptions = new Set<Subscription>();
  readonly #older = new Set<OpenFile>();
  readonly #timers = new Set<CancelTimer>();
  #current: OpenFile | null = null;
  #points: readonly WatchPoint[] = [];
  #refused = false;
  /** The file lies where the system does not hear of every change. */
  #remote = false;
  #lookTimer: CancelTimer = () => {};
  #wait = ABSENT_FIRST_SECONDS;
  #absentSince: number | null = null;
  #absences = 0;
  #fault: SourceFault | null = null;
  #seen = "";
  #looking = false;
  #lookAgain = false;
  #touched = false;
  #neighbourDue = false;
  #closed = false;
  readonly #complaints: Complaints;

  constructor(path: string, mode: "inotify" | "polling", context: TailContext) {
    this.path = path;
    this.mode = mode;
    this.#context = context;
    this.#complaints = new Complaints(context.clock, (message) => {
      for (const { options } of this.#subscriptions) options.log.error(message);
    });
  }

  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
    if (this.mode === "inotify") this.#logAbsence("INITIAL");
    const current = this.#current;
    if (!current) this.moved();
    else void this.#attachLate(subscription, current);
  }

  /** True when that was the last subscription; the file is closed then. */
  remove(subscription: Subscription): boolean {
    this.#subscriptions.delete(subscription);
    if (this.#subscriptions.size > 0) return false;
    this.close();
    return true;
  }

  /** Reads on for a subscription that wants lines again. */
  wake(): void {
    for (const file of this.#older) file.wake();
    this.#current?.wake();
  }

  /** How the file is watched, and why it cannot be read. */
  get condition(): FileCondition {
    const fault = this.#fault ?? this.#current?.fault ?? null;
    return { reader: this.#polled ? "polling" : "inotify", fault };
  }

  touched(): void {
    if (this.#touched) return;
    // Events come in bunches: one read at the end of this round of the event loop serves them all.
    this.#touched = true;
    setImmediate(() => {
      this.#touched = false;
      if (this.#closed) return;
      if (this.#current && this.#absentSince === null && this.#fault === null) this.#current.wake(true);
      else this.moved();
    });
  }

  neighbourTouched(): void {
    if (this.#older.size === 0 && this.#absentSince === null) return;
    // The neighbour may be ours under its new name, but just as well any busy log: so not for every event.
    if (this.#neighbourDue) return;
    this.#neighbourDue = true;
    this.#later(NEIGHBOUR_SECONDS, () => {
      this.#neighbourDue = false;
      this.wake();
    });
  }

  moved(): void {
    void this.#look();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lookTimer();
    for (const cancel of this.#timers) cancel();
    for (const point of this.#points) this.#context.watches.remove(point, this);
    for (const file of this.#older) file.close();
    this.#current?.close();
    for (const subscription of [...this.#subscriptions]) subscription.close("stop");
  }

  get #polled(): boolean {
    return this.mode === "polling" || this.#refused || this.#remote;
  }

  /** Looks where the path leads; looks again if it was asked to meanwhile, so that the last look is never too old. */
  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#lookTimer();
    let changed = false;
    try {
      while (this.#lookAgain && !this.#closed) {
        this.#lookAgain = false;
        changed = (await this.#lookOnce()) || changed;
      }
    } catch (error) {
      // Not even a fault of this program may end the looking.
      this.#onOpenFailure(error);
    }
    this.#looking = false;
    if (!this.#closed)
      this.#lookTimer = this.#context.clock.after(this.#nextDelay(changed), () => this.moved());
  }

  #nextDelay(changed: boolean): number {
    if (this.#polled) {
      this.#wait = changed ? POLL_STEP_SECONDS : Math.min(POLL_MOST_SECONDS, this.#wait + POLL_STEP_SECONDS);
      return this.#wait;
    }
    const wait = this.#absentSince === null ? SWEEP_SECONDS : this.#wait;
    this.#wait =
      this.#absentSince === null ? ABSENT_FIRST_SECONDS : Math.min(ABSENT_MOST_SECONDS, this.#wait * 2);
    return wait;
  }

  /** True when there was something new. */
  async #lookOnce(): Promise<boolean> {
    if (this.mode === "inotify") await this.#watch();
    let stats: Stats;
    try {
      stats = await statPath(this.path);
    } catch (error) {
      this.#onAbsent(error);
      return false;
    }
    if (this.#closed) return false;
    this.#onPresent();
    const current = this.#current;
    if (!current || current.inode !== stats.ino || current.device !== stats.dev) return this.#openNext();
    const seen = `${stats.mtimeMs} ${stats.ino} ${stats.size}`;
    const changed = seen !== this.#seen;
    this.#seen = seen;
    if (changed) current.wake();
    return changed;
  }

  async #openNext(): Promise<boolean> {
    let next: OpenFile;
    let size: number;
    try {
      next = await OpenFile.open(this.path, this.#context);
      size = await next.size();
      this.#remote = isRemote(await this.#context.fileSystemOf(this.path).catch(() => 0));
    } catch (error) {
      this.#onOpenFailure(error);
      return false;
    }
    this.#fault = null;
    if (this.#closed) {
      next.close();
      return false;
    }
    const previous = this.#current;
    this.#current = next;
    for (const subscription of this.#subscriptions) subscription.attach(next, size);
    if (previous) {
      next.follows(previous);
      this.#supersede(previous);
    }
    next.wake();
    // Whatever was renamed to this path between stat and open shows at the next look.
    this.#seen = "";
    return true;
  }

  /** A subscription that comes when the file is open already. */
  async #attachLate(subscription: Subscription, file: OpenFile): Promise<void> {
    const size = await file.size().catch(() => 0);
    if (this.#closed || !this.#subscriptions.has(subscription) || subscription.needs(file)) return;
    if (this.#current !== file) {
      if (this.#current) return this.#attachLate(subscription, this.#current);
      return this.moved();
    }
    subscription.attach(file, size);
    file.wake();
  }

  /** Reads a file to its end that the path does not lead to any more, and keeps it open for a while. */
  #supersede(file: OpenFile): void {
    file.superseded = true;
    this.#older.add(file);
    file.wake();
    const began = this.#context.clock.now();
    const look = (wait: number) => {
      this.#later(wait, () => {
        if (this.#context.clock.now() - began < LINGER_SECONDS) {
          file.wake();
          look(wait * 2);
        } else {
          void this.#finish(file);
        }
      });
    };
    look(0.25);
  }

  async #finish(file: OpenFile): Promise<void> {
    file.wake();
    await file.idle();
    if (this.#closed) return;
    this.#older.delete(file);
    for (const subscription of this.#subscriptions) subscription.detach(file);
    file.close();
  }

  #later(seconds: number, callback: () => void): void {
    const cancel = this.#context.clock.after(seconds, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  /** Sees to it that every place on the way from the path to the file is watched. */
  async #watch(): Promise<void> {
    const points = await linkChain(this.path);
    if (this.#closed) return;
    let refused = false;
    for (const point of points) {
      if (this.#context.watches.add(point, this) === "refused") refused = true;
    }
    for (const point of this.#points) {
      const kept = points.some((p) => p.directory === point.directory && p.name === point.name);
      if (!kept) this.#context.watches.remove(point, this);
    }
    this.#points = points;
    this.#refused = refused;
  }

  #onAbsent(error: unknown): void {
    const now = this.#context.clock.now();
    this.#current?.wake();
    this.#seen = "";
    this.#absences++;
    this.#fail(errorCode(error) === "ENOENT" ? "waiting" : "retrying", error);
    if (this.#absentSince === null) {
      this.#absentSince = now;
      this.#wait = ABSENT_FIRST_SECONDS;
      if (this.mode === "inotify") this.#logAbsence("IN_IGNORED");
    }
    if (this.mode === "polling") this.#logPollFailure(error, now - this.#absentSince);
    if (now - this.#absentSince >= LINGER_SECONDS && this.#current) {
      const file = this.#current;
      this.#current = null;
      void this.#finish(file);
    }
  }

  #logPollFailure(error: unknown, seconds: number): void {
    if (this.#absences <= 2) {
      for (const { options } of this.#subscriptions) {
        const log = options.backendLog ?? options.log;
        if (errorCode(error) === "ENOENT") {
          log.debug(`Log absence detected (possibly rotation) for ${this.path}, reason: ${errorText(error)}`);
        } else {
          log.error(`Unable to get stat on ${this.path} because of: ${errorText(error)}`);
        }
      }
    }
    if (seconds < ABSENT_WARN_SECONDS || this.#absences === Number.POSITIVE_INFINITY) return;
    this.#absences = Number.POSITIVE_INFINITY;
    for (const { options } of this.#subscriptions) {
      const log = options.backendLog ?? options.log;
      log.warning(
        `Log file '${this.path}' is missing for ${Math.round(seconds)} seconds. Still waiting for it`,
      );
    }
  }

  #onPresent(): void {
    if (this.#absentSince === null) return;
    this.#absentSince = null;
    this.#fault = null;
    this.#absences = 0;
    this.#wait = ABSENT_FIRST_SECONDS;
    if (this.mode !== "inotify") return;
    for (const { options } of this.#subscriptions) {
      (options.backendLog ?? options.log).msg(`Log presence detected for file ${this.path}`);
    }
  }

  #logAbsence(reason: string): void {
    for (const { options } of this.#subscriptions) {
      const log = options.backendLog ?? options.log;
      log.msg(`Log absence detected (possibly rotation) for ${this.path}, reason: ${reason} of ${this.path}`);
    }
  }

  #fail(health: SourceFault["health"], error: unknown): void {
    const since = this.#fault?.since ?? this.#context.clock.now();
    this.#fault = { health, since, reason: errorText(error) };
  }

  #onOpenFailure(error: unknown): void {
    this.#fail("retrying", error);
    this.#complaints.complain(`Unable to open ${this.path}: ${errorText(error)}`);
  }
}

/** The places to watch: the path itself and, if it is a symbolic link, where it leads, step by step. */
async function linkChain(path: string): Promise<WatchPoint[]> {
  const points: WatchPoint[] = [];
  for (let at = resolve(path); points.length < LONGEST_LINK_CHAIN; ) {
    points.push({ directory: dirname(at), name: basename(at) });
    try {
      if (!(await statLink(at)).isSymbolicLink()) break;
      at = resolve(dirname(at), await readLink(at));
    } catch {
      break;
    }
  }
  return points;
}
