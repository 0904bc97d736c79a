import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { SeededRandom } from "./random.ts";
import type { FromWriter, ToWriter, WriterPlan } from "./rotation-stress.ts";

/**
 * A program of its own that writes numbered lines into a log, as two writers, and rotates it meanwhile; when and
 * how is decided by the seed. It is told by its parent when to go on.
 */

const plan = JSON.parse(process.argv[2]!) as WriterPlan;
const { path, kind, lines, rotations } = plan;
const random = new SeededRandom(plan.seed);
const pause = new Int32Array(new SharedArrayBuffer(4));
const KEPT = 3;
/** Tries to get the number of a deleted file again for a new one. */
const INODE_TRIES = 50;

let answer: (() => void) | null = null;
process.on("message", (message: ToWriter) => {
  if (message === "go") answer?.();
});

/** Tells the parent, and waits until it says to go on. */
function ask(message: FromWriter): Promise<void> {
  return new Promise((resolve) => {
    answer = resolve;
    process.send!(message);
  });
}

class Writer {
  readonly name: string;
  next = 0;
  #fd = -1;
  /** Second half of a line that is being written. */
  #rest = "";

  constructor(name: string) {
    this.name = name;
  }

  open(): void {
    this.finishLine();
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = openSync(path, "a");
  }

  /** Writes some lines at once; perhaps only half of the last. */
  write(count: number, partial: boolean): void {
    let text = "";
    for (let i = 0; i < count; i++) {
      const number = this.next++;
      text += `${this.name} ${number} ${`${number}.`.repeat(random.below(12))}\n`;
    }
    const cut = partial ? 1 + random.below(10) : 0;
    writeSync(this.#fd, text.slice(0, text.length - cut));
    this.#rest = text.slice(text.length - cut);
  }

  finishLine(): void {
    if (this.#rest !== "") writeSync(this.#fd, this.#rest);
    this.#rest = "";
  }
}

const writers = [new Writer("a"), new Writer("b")] as const;
let generation = 0;
let sameInode = 0;

async function rotate(): Promise<void> {
  generation++;
  switch (kind) {
    case "rename":
    case "compress":
      shift();
      renameSync(path, `${path}.1`);
      writeFileSync(path, "", { flag: "a" });
      reopen();
      if (kind === "compress") compress(`${path}.1`);
      return;
    case "copytruncate":
      shift();
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
      return;
    case "truncate":
      truncateSync(path);
      return;
    case "symlink":
      switchLink();
      return reopen();
    case "recreate":
      return recreate();
  }
}

function shift(): void {
  for (let i = KEPT; i > 0; i--) {
    for (const suffix of ["", ".gz"]) {
      const [from, to] = [`${path}.${i}${suffix}`, `${path}.${i + 1}${suffix}`];
      if (existsSync(from)) renameSync(from, to);
    }
  }
  rmSync(`${path}.${KEPT + 1}`, { force: true });
}

/** The second writer may be late to hear of the rotation, and may be in the midst of a line. */
function reopen(): void {
  const [first, second] = writers;
  first.open();
  for (let late = random.below(3); late > 0; late--) {
    writeBatch(second);
    writeBatch(first);
    first.finishLine();
  }
  second.open();
}

function compress(file: string): void {
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 1 }));
  rmSync(file);
}

function switchLink(): void {
  const target = `${path}-${generation}`;
  writeFileSync(target, "");
  symlinkSync(target, `${path}.new`);
  renameSync(`${path}.new`, path);
}

/** Deletes the log and makes it again, every second time while nobody reads: then the inode number can be the same. */
async function recreate(): Promise<void> {
  const unread = generation % 2 === 0;
  for (const writer of writers) writer.finishLine();
  if (unread) await ask({ what: "stop", seen: seen() });
  const { ino } = statSync(path);
  rmSync(path);
  // A file of which a writer has a descriptor is not gone yet.
  writers[0].open();
  writers[1].open();
  for (let tries = 0; unread && statSync(path).ino !== ino && tries < INODE_TRIES; tries++) {
    rmSync(path);
    writers[0].open();
    writers[1].open();
  }
  if (statSync(path).ino === ino) sameInode++;
  writers[0].write(2, false);
  if (unread) await ask({ what: "start", seen: seen() });
}

function writeBatch(writer: Writer): void {
  writer.finishLine();
  const count = 1 + random.below(random.once(10) ? 3000 : 60);
  writer.write(Math.min(count, Math.max(1, share - writer.next)), random.once(4));
}

/** A line of each writer in the present file: when these have been read, everything has. */
function writeLast(): void {
  for (const writer of writers) {
    writer.finishLine();
    writer.write(1, false);
  }
}

function seen(): [number, number] {
  return [writers[0].next - 1, writers[1].next - 1];
}

const share = Math.ceil(lines / writers.length);
if (kind === "symlink") {
  writeFileSync(`${path}-0`, "", { flag: "a" });
  rmSync(path, { force: true });
  symlinkSync(`${path}-0`, path);
}
for (const writer of writers) writer.open();
await ask({ what: "ready" });

while (writers.some((writer) => writer.next < share)) {
  const writer = writers[random.below(2)]!;
  if (writer.next >= share) continue;
  writeBatch(writer);
  if (random.once(20)) Atomics.wait(pause, 0, 0, random.below(8));
  writer.finishLine();
  const written = writers[0].next + writers[1].next;
  if (generation < rotations && written >= ((generation + 1) * lines) / (rotations + 1)) {
    const isCalm = random.once(2);
    if (isCalm) writeLast();
    await ask({ what: "rotate", generation, calm: isCalm ? seen() : null });
    const before: [number, number] = [writers[0].next, writers[1].next];
    await rotate();
    process.send!({ what: "rotated", first: before, calm: isCalm } satisfies FromWriter);
  }
}
writeLast();
await ask({ what: "end", seen: seen(), sameInode });
process.disconnect?.();
