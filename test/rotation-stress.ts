import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFiles } from "../src/jail/log-files.ts";
import { LEVELS, LogHub } from "../src/log/logger.ts";
import { FileHub, type FileHubOptions } from "../src/source/file-hub.ts";
import type { SubscribeOptions, Subscription } from "../src/source/subscription.ts";
import { BanDatabase } from "../src/store/database.ts";
import { fastClock } from "./fast-clock.ts";

/** Ways of rotating a log. */
export const ROTATIONS = ["rename", "compress", "symlink", "recreate", "copytruncate", "truncate"] as const;
export type Rotation = (typeof ROTATIONS)[number];

/** What a run is to be. */
export interface StressPlan {
  readonly kind: Rotation;
  readonly backend: "pyinotify" | "polling";
  readonly lines: number;
  readonly rotations: number;
  readonly seed: number;
}

/** What the program that writes is told. */
export interface WriterPlan extends StressPlan {
  readonly path: string;
}

/** The last numbers of both writers. */
type Numbers = readonly [number, number];

export type ToWriter = "go";
export type FromWriter =
  | { readonly what: "ready" }
  | { readonly what: "stop" | "start"; readonly seen: Numbers }
  /** `calm`: everything up to these numbers is to have been read before. */
  | { readonly what: "rotate"; readonly generation: number; readonly calm: Numbers | null }
  /** `first`: what the writers write next, the first lines of the new generation. */
  | { readonly what: "rotated"; readonly first: Numbers; readonly calm: boolean }
  | { readonly what: "end"; readonly seen: Numbers; readonly sameInode: number };

/** How a run went. */
export interface StressResult {
  /** Whole lines that were handed on. */
  readonly lines: number;
  /** Lines that were written and not handed on. */
  readonly lost: number;
  /** Everything that is not as it should be; empty when all is well. */
  readonly faults: readonly string[];
  readonly rotations: number;
  /** Rotations after which the file had the inode number of the one before. */
  readonly sameInode: number;
  readonly seconds: number;
}

/** Time goes so many times as fast for the reader: its pauses between looks and its patience with old files. */
const SPEED = 20;
const MOST_FAULTS = 10;
/** Nothing takes so long. */
const STALL_SECONDS = 60;
/** Truncation loses what was not read yet; of no other way that is said. */
const LOSSY: ReadonlySet<Rotation> = new Set(["copytruncate", "truncate"]);

/**
 * Has two writers write numbered lines through rotations and reads them with the log files of a jail, whose pattern
 * matches the rotated files, too.
 */
export async function stressRotation(plan: StressPlan): Promise<StressResult> {
  const began = performance.now();
  const directory = mkdtempSync(join(tmpdir(), "f2b-stress-"));
  const path = join(directory, "app.log");
  writeFileSync(path, "");
  const reader = new NumberedReader(path, plan);
  const writer = fork(join(import.meta.dirname, "rotation-writer.ts"), [JSON.stringify({ ...plan, path })], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = once(writer, "exit");
  try {
    const { rotations, sameInode, seen } = await conduct(reader, plan, writer);
    await ended;
    if (LOSSY.has(plan.kind)) reader.checkGaps();
    const { lines, faults } = reader;
    const lost = seen[0] + seen[1] + 2 - lines;
    if (lost < 0) faults.push(`${-lost} lines too many`);
    if (lost > 0 && !LOSSY.has(plan.kind)) faults.push(`${lost} lines lost`);
    return { lines, lost, faults, rotations, sameInode, seconds: (performance.now() - began) / 1000 };
  } finally {
    writer.kill();
    reader.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Answers the writer until it has written everything and that has been read. */
async function conduct(
  reader: NumberedReader,
  { kind }: StressPlan,
  writer: ReturnType<typeof fork>,
): Promise<{ rotations: number; sameInode: number; seen: Numbers }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    rotations: number;
    sameInode: number;
    seen: Numbers;
  }>();
  writer.on("exit", (code) => code !== 0 && reject(new Error(`the writer ended with code ${code}`)));
  const watchdog = setInterval(async () => {
    const stall = await reader.stall();
    if (stall !== null) reject(new Error(stall));
  }, STALL_SECONDS * 1000);
  const go = () => writer.send("go" satisfies ToWriter);
  writer.on("message", (message: FromWriter) => {
    switch (message.what) {
      case "ready":
        reader.start();
        return go();
      case "rotate":
        // Two rotations while the reader does not look even once are more than it can see.
        if (!LOSSY.has(kind))
          return reader.when(() => reader.opened > message.generation && reader.has(message.calm), go);
        return reader.when(() => reader.has(message.calm), go);
      case "rotated":
        return reader.noteRotation(message.first, message.calm);
      case "stop":
        return reader.when(
          () => reader.has(message.seen),
          () => {
            reader.stop();
            go();
          },
        );
      case "start":
        reader.start();
        return reader.when(() => reader.has(message.seen), go);
      case "end":
        return reader.when(
          () => reader.has(message.seen),
          () => {
            go();
            resolve({ rotations: reader.rotations, sameInode: message.sameInode, seen: message.seen });
          },
        );
    }
  });
  return promise.finally(() => clearInterval(watchdog));
}

/** Tells when a file is opened. */
class NoticingHub extends FileHub {
  readonly #onFile: (path: string) => void;

  constructor(options: FileHubOptions, onFile: (path: string) => void) {
    super(options);
    this.#onFile = onFile;
  }

  override subscribe(options: SubscribeOptions): Subscription {
    const onFile = (identity: string) => {
      options.onFile?.(identity);
      this.#onFile(options.path);
    };
    return super.subscribe({ ...options, onFile });
  }
}

/** Reads numbered lines as a jail does, and looks whether they come in order. */
class NumberedReader {
  readonly faults: string[] = [];
  lines = 0;
  #linesBefore = -1;
  /** Files that the path led to one after the other. */
  opened = 0;
  rotations = 0;
  readonly #path: string;
  readonly #plan: StressPlan;
  readonly #database: BanDatabase;
  readonly #last: [number, number] = [-1, -1];
  /** First numbers of each generation, and whether everything before had been read. */
  readonly #firsts: readonly [Map<number, boolean>, Map<number, boolean>] = [new Map(), new Map()];
  readonly #seen: readonly [Set<number>, Set<number>] = [new Set(), new Set()];
  readonly #clock = fastClock(SPEED);
  #hub: FileHub | null = null;
  #files: LogFiles | null = null;
  #waiting: { met: () => boolean; then: () => void } | null = null;

  constructor(path: string, plan: StressPlan) {
    this.#path = path;
    this.#plan = plan;
    const log = new LogHub(() => {}).logger("database");
    this.#database = BanDatabase.open(":memory:", { clock: this.#clock, log });
    this.#database.addJail("stress");
  }

  start(): void {
    const log = new LogHub((record) => {
      if (record.level >= LEVELS.WARNING) this.#fault(record.message);
      this.#look();
    }, LEVELS.MSG);
    this.#hub = new NoticingHub({ clock: this.#clock, log: log.logger("filter") }, (path) => {
      if (path === this.#path) this.opened++;
      this.#look();
    });
    this.#files = new LogFiles({
      jail: "stress",
      backend: this.#plan.backend,
      clock: this.#clock,
      hub: log,
      files: this.#hub,
      feed: { process: (text) => this.#take(text), timeOf: () => null },
      findTime: () => 600,
      database: () => this.#database,
    });
    this.#files.add(this.#path, { tail: false });
    this.#files.addGlob(`${this.#path}*`, { tail: false });
    this.#files.paused = false;
  }

  stop(): void {
    this.#files?.close();
    this.#hub?.close();
  }

  close(): void {
    this.stop();
    this.#database.close();
  }

  /** Whether both writers' lines up to these numbers were read. */
  has(numbers: Numbers | null): boolean {
    return numbers === null || (this.#last[0] >= numbers[0] && this.#last[1] >= numbers[1]);
  }

  /** Calls `then` once, as soon as `met` holds. */
  when(met: () => boolean, then: () => void): void {
    this.#waiting = { met, then };
    this.#look();
  }

  /** Why nothing has been read since this was asked last; `null` when something has. */
  async stall(): Promise<string | null> {
    const before = this.#linesBefore;
    this.#linesBefore = this.lines;
    if (this.lines > before) return null;
    const states = JSON.stringify(await this.#files?.states());
    return `nothing is read any more behind ${this.#last} after ${this.opened} files and ${this.rotations} rotations: ${states}`;
  }

  noteRotation(first: Numbers, calm: boolean): void {
    this.rotations++;
    for (const writer of [0, 1] as const) this.#firsts[writer].set(first[writer], calm);
  }

  #look(): void {
    if (!this.#waiting?.met()) return;
    const { then } = this.#waiting;
    this.#waiting = null;
    setImmediate(then);
  }

  #take(text: string): void {
    for (const line of text.split("\n").slice(0, -1)) this.#takeLine(line);
    this.#look();
  }

  #takeLine(line: string): void {
    this.lines++;
    const [, name, digits = ""] = /^([ab]) (\d+) (?:\2\.)*$/.exec(line) ?? [];
    if (digits === "") {
      this.#fault(`no whole line: ${line.slice(0, 60)}`);
      return;
    }
    const writer = name === "a" ? 0 : 1;
    const number = Number(digits);
    const last = this.#last[writer];
    this.#last[writer] = Math.max(last, number);
    if (this.#seen[writer].has(number)) this.#fault(`${name} ${number} comes twice`);
    this.#seen[writer].add(number);
    if (LOSSY.has(this.#plan.kind)) return;
    if (number < last) this.#fault(`${name} ${number} comes after ${last}`);
    if (number > last + 1) this.#fault(`${name} ${last + 1} to ${number - 1} do not come before ${number}`);
  }

  /**
   * What truncation takes away is the end of a generation, and nothing when all of it had been read. (A generation of
   * which nothing was read is read later, from its copy.)
   */
  checkGaps(): void {
    for (const writer of [0, 1] as const) {
      for (let from = 0; from < this.#last[writer]; from++) {
        if (this.#seen[writer].has(from)) continue;
        let to = from;
        while (!this.#seen[writer].has(to)) to++;
        this.#checkGap(writer, from, to);
        from = to;
      }
    }
  }

  #checkGap(writer: 0 | 1, from: number, to: number): void {
    const calm = this.#firsts[writer].get(to);
    const what = `${"ab"[writer]} ${from} to ${to - 1} are missing`;
    if (calm === undefined) this.#fault(`${what} within a generation`);
    else if (calm) this.#fault(`${what} though everything had been read`);
  }

  #fault(text: string): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push(text);
  }
}
