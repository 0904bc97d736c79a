import { fstatSync, readSync } from "node:fs";
import type { CancelTimer, Clock } from "../time/clock.ts";
import type { BlockBuffers } from "./block-buffers.ts";
import type { Cursor, CursorReader, DecodedLines } from "./cursor.ts";
import type { LineDecoder } from "./encoding.ts";
import { fileIdentity } from "./file-identity.ts";
import {
  closeQuietly,
  errorText,
  openForReading,
  readAt,
  readOnce,
  statDescriptor,
  statPath,
} from "./file-io.ts";
import { hashFirstLine } from "./first-line-hash.ts";
import { checkKind } from "./log-file-kind.ts";
import { isHole, isRewritten, MARK_BYTES, markOf, NO_MARK, zerosBefore } from "./place-mark.ts";
import type { SourceFault } from "./source-state.ts";
import type { Turns } from "./turns.ts";

/** What all open files of a hub share. */
export interface ReadingContext {
  readonly clock: Clock;
  readonly turns: Turns;
  /** Of `blockBytes` and {@link MARK_BYTES}. */
  readonly buffers: BlockBuffers;
  /** Bytes read at once. */
  readonly blockBytes: number;
  /** Longer lines are skipped. */
  readonly longestLine: number;
}

/** A read within one page of the cache is of one moment; a longer one need not be. */
const PAGE_BYTES = 4096;
/** Seconds until a file is read again that could not be; doubled each time. */
const FIRST_RETRY = 1;
const LONGEST_RETRY = 60;
/** Seconds between two looks at the first line of a file that shows no other sign of rotation. */
const HASH_CHECK_SECONDS = 30;

/**
 * One inode, held open: reads what is new, once for all cursors that stand at the same place, and hands on
 * whole lines. It knows nothing of paths; that a path leads to another inode now is for its owner to see.
 */
export class OpenFile {
  readonly inode: number;
  readonly device: number;
  /** See `fileIdentity`. */
  readonly identity: string;
  /** True when the path leads to another file by now. Set by the owner. */
  superseded = false;
  readonly #fd: number;
  readonly #context: ReadingContext;
  readonly #regular: boolean;
  readonly #byteOrderMark: Buffer;
  readonly #cursors = new Set<Cursor>();
  #hash: string;
  #hashDue: number;
  #wakes = 0;
  #steps = 0;
  /** True when there are whole lines, but the first is too long for a mark. */
  #unmarkable = false;
  /** True when the bytes before a cursor are not those that it has read. */
  #rewritten = false;
  #older: OpenFile | null = null;
  #fault: SourceFault | null = null;
  #retrySeconds = FIRST_RETRY;
  #cancelRetry: CancelTimer = () => {};
  #reading = false;
  #closed = false;
  #idle: (() => void)[] = [];

  private constructor(fd: number, facts: OpenFacts, context: ReadingContext) {
    this.#fd = fd;
    this.#context = context;
    this.inode = facts.inode;
    this.device = facts.device;
    this.identity = facts.identity;
    this.#regular = facts.regular;
    this.#byteOrderMark = facts.byteOrderMark;
    this.#hash = facts.hash;
    this.#hashDue = context.clock.now() + HASH_CHECK_SECONDS;
  }

  /** Opens a file. `/dev/null` is always empty. @throws the system's error, NoLogFileError */
  static async open(path: string, context: ReadingContext): Promise<OpenFile> {
    // Looked at before it is opened: opening alone has consequences for pipes and devices.
    checkKind(path, await statPath(path));
    const fd = await openForReading(path);
    try {
      const stats = await statDescriptor(fd);
      checkKind(path, stats);
      const regular = stats.isFile();
      const byteOrderMark = Buffer.alloc(2);
      if (regular) await readAt(fd, byteOrderMark, 2, 0);
      const hash = regular ? await hashFirstLine(fd) : "";
      return new OpenFile(
        fd,
        {
          inode: stats.ino,
          device: stats.dev,
          identity: fileIdentity(stats),
          regular,
          byteOrderMark,
          hash,
        },
        context,
      );
    } catch (error) {
      closeQuietly(fd);
      throw error;
    }
  }

  /** First-line hash; empty while the first line is incomplete. */
  get hash(): string {
    return this.#hash;
  }

  /** The file's first two bytes, zero where there are fewer. */
  get byteOrderMark(): Uint8Array {
    return this.#byteOrderMark;
  }

  /** True while something is being read. */
  get busy(): boolean {
    return this.#reading;
  }

  /** Why reading failed last; `null` when it did not. */
  get fault(): SourceFault | null {
    return this.#fault;
  }

  /**
   * Names the file that the path led to before. Whoever writes to both writes there first, so nothing of this file
   * is handed on while there are older lines.
   */
  follows(older: OpenFile): void {
    this.#older = older;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Size in bytes now; 0 for what is not a regular file. @throws the system's error */
  async size(): Promise<number> {
    return this.#regular ? (await statDescriptor(this.#fd)).size : 0;
  }

  /** Up to `length` bytes at an offset, as they are in the file now. @throws the system's error */
  async peek(offset: number, length: number): Promise<Buffer> {
    if (length <= 0 || this.#closed || !this.#regular) return Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, await readAt(this.#fd, bytes, length, offset));
  }

  /** Places a reader. Call {@link wake} to make it read. */
  place(reader: CursorReader, decoder: LineDecoder, offset: number, held: boolean): Cursor {
    const cursor: Cursor = {
      reader,
      file: this,
      decoder,
      offset,
      held,
      known: 0,
      mark: NO_MARK,
      settledAt: -1,
      served: -1,
      unreachable: -1,
    };
    this.#cursors.add(cursor);
    return cursor;
  }

  /** Forgets a cursor. */
  remove(cursor: Cursor): void {
    this.#cursors.delete(cursor);
  }

  /** True when nobody reads here. */
  get unused(): boolean {
    return this.#cursors.size === 0;
  }

  /**
   * Reads what is new, until every active cursor has reached the end.
   *
   * `fresh` says that the new bytes were written on this machine just now. They lie in the page cache, so the
   * first read is a plain system call, some ten times cheaper than a trip to the thread pool and back.
   */
  wake(fresh = false): void {
    if (this.#closed || !this.#regular) {
      for (const cursor of this.#cursors)
        if (!cursor.held && cursor.reader.active) cursor.reader.settled(cursor);
      return;
    }
    this.#wakes++;
    if (!this.#reading) void this.#readAll(fresh);
  }

  /** Resolves when nothing is being read. */
  async idle(): Promise<void> {
    if (this.#reading) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Closes the descriptor, as soon as a read under way has ended. Hands on nothing more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#older = null;
    this.#cancelRetry();
    this.#cursors.clear();
    if (!this.#reading) closeQuietly(this.#fd);
  }

  async #readAll(fresh: boolean): Promise<void> {
    this.#reading = true;
    try {
      if (this.#context.clock.now() >= this.#hashDue) await this.#verify(false);
      let plain = fresh;
      for (;;) {
        const wakes = this.#wakes;
        let moved = false;
        for (let group = this.#nextGroup(); group && !this.#rewritten; group = this.#nextGroup()) {
          moved = (await this.#step(group, plain)) || moved;
          plain = false;
        }
        if (this.#closed) break;
        if ((!moved || !fresh || this.#rewritten) && (await this.#verify(fresh))) continue;
        if (wakes === this.#wakes) break;
      }
      this.#fault = null;
      this.#retrySeconds = FIRST_RETRY;
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#reading = false;
      if (this.#closed) closeQuietly(this.#fd);
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #onFailure(error: unknown): void {
    if (this.#closed) return;
    const { clock } = this.#context;
    this.#fault = { health: "retrying", since: this.#fault?.since ?? clock.now(), reason: errorText(error) };
    for (const cursor of [...this.#cursors]) if (!cursor.held) cursor.reader.failed(error);
    this.#cancelRetry();
    this.#cancelRetry = clock.after(this.#retrySeconds, () => this.wake());
    this.#retrySeconds = Math.min(this.#retrySeconds * 2, LONGEST_RETRY);
  }

  /** The cursors to serve next: those at one place, the longest unserved place first. */
  #nextGroup(): Cursor[] | null {
    let next: Cursor | null = null;
    for (const cursor of this.#cursors) {
      if (!this.#wants(cursor)) continue;
      if (
        !next ||
        cursor.served < next.served ||
        (cursor.served === next.served && cursor.offset > next.offset)
      ) {
        next = cursor;
      }
    }
    if (!next) return null;
    const { offset, decoder } = next;
    return [...this.#cursors].filter(
      (cursor) => this.#wants(cursor) && cursor.offset === offset && cursor.decoder.id === decoder.id,
    );
  }

  #wants(cursor: Cursor): boolean {
    return !cursor.held && cursor.settledAt < this.#wakes && cursor.reader.active;
  }

  /** Reads once for a group of cursors that stand at one place; true when they moved. */
  async #step(group: readonly Cursor[], plain: boolean): Promise<boolean> {
    const lead = group[0]!;
    const { offset, decoder } = lead;
    const { blockBytes } = this.#context;
    const wakes = this.#wakes;
    const step = ++this.#steps;
    for (const cursor of group) cursor.served = step;
    // The part of a long line that was searched before is not read again until the line is complete.
    const skip = lead.known > blockBytes / 2 ? lead.known : 0;
    const want = skip > 0 ? blockBytes : this.#stretch(lead);
    const mark = skip > 0 ? NO_MARK : markOf(group);
    const buffer = this.#context.buffers.take();
    const from = offset + skip - mark.length;
    const read = plain
      ? readSync(this.#fd, buffer, 0, mark.length + want, from)
      : await readOnce(this.#fd, buffer, mark.length + want, from);
    const found = buffer.subarray(0, Math.min(read, mark.length));
    if (isRewritten(found, mark) || (await this.#isTorn(buffer.subarray(0, read), from, plain))) {
      this.#context.buffers.give(buffer);
      this.#rewritten = true;
      return false;
    }
    const bytes = buffer.subarray(mark.length, Math.max(read, mark.length));
    if (skip === 0 && this.#skipHole(group, bytes)) {
      this.#context.buffers.give(buffer);
      return true;
    }
    const atEnd = bytes.length < want;
    const moved =
      skip > 0
        ? await this.#endOfLongLine(group, bytes, skip)
        : await this.#wholeLines(group, bytes, want < blockBytes);
    this.#context.buffers.give(buffer);
    // Behind the end of a long line there may be more in the piece: that is read with the next step.
    if (atEnd && !(skip > 0 && moved)) for (const cursor of group) this.#settle(cursor, decoder, wakes);
    return moved;
  }

  /**
   * Whether the file was truncated and written anew while it was being read, so that the piece begins with the old
   * content and ends with new one: its begin is another by now.
   */
  async #isTorn(piece: Buffer, from: number, plain: boolean): Promise<boolean> {
    if ((from % PAGE_BYTES) + piece.length <= PAGE_BYTES) return false;
    const begin = piece.subarray(0, MARK_BYTES);
    const again = Buffer.allocUnsafe(begin.length);
    const read = plain
      ? readSync(this.#fd, again, 0, again.length, from)
      : await readOnce(this.#fd, again, again.length, from);
    return isRewritten(again.subarray(0, read), begin);
  }

  /** Passes over the zeros at the begin of a file, which belong to no line; true when there were some. */
  #skipHole(group: readonly Cursor[], bytes: Buffer): boolean {
    const { decoder, offset, mark } = group[0]!;
    if (decoder.unit > 1 || (offset > 0 && !isHole(mark))) return false;
    const zeros = zerosBefore(bytes);
    if (zeros === 0) return false;
    for (const cursor of this.#still(group, offset, decoder)) {
      cursor.offset += zeros;
      cursor.known = 0;
      cursor.mark = Buffer.alloc(Math.min(zeros, MARK_BYTES));
    }
    return true;
  }

  /** How much to read: a block, or just up to the place of a reader ahead, to go on together from there. */
  #stretch(cursor: Cursor): number {
    let want = this.#context.blockBytes;
    for (const other of this.#cursors) {
      const distance = other.offset - cursor.offset;
      if (distance > 0 && distance < want && other.offset !== cursor.unreachable && !other.held)
        want = distance;
    }
    return want;
  }

  async #wholeLines(group: readonly Cursor[], bytes: Buffer, stretched: boolean): Promise<boolean> {
    const { decoder, offset } = group[0]!;
    const cut = decoder.lastLineEnd(bytes, bytes.length);
    if (stretched && cut < bytes.length) {
      for (const cursor of group) cursor.unreachable = offset + bytes.length;
    }
    if (cut === 0) {
      const known = bytes.length - (bytes.length % decoder.unit);
      for (const cursor of group) cursor.known = known;
      return false;
    }
    return this.#handOn(group, bytes.subarray(0, cut));
  }

  /** Searches the next piece of a long line for its end; `skip` bytes of it are known to have none. */
  async #endOfLongLine(group: readonly Cursor[], piece: Buffer, skip: number): Promise<boolean> {
    const { decoder, offset } = group[0]!;
    const end = decoder.firstLineEnd(piece, piece.length, skip);
    if (end === 0) {
      const known = skip + piece.length - (piece.length % decoder.unit);
      for (const cursor of group) cursor.known = known;
      return false;
    }
    const length = skip + end;
    if (length <= this.#context.longestLine) {
      const line = Buffer.allocUnsafe(length);
      const read = await readAt(this.#fd, line, length, offset);
      return read === length && this.#handOn(group, line);
    }
    for (const cursor of this.#still(group, offset, decoder)) {
      cursor.offset += length;
      cursor.known = 0;
      cursor.mark = NO_MARK;
      cursor.reader.skipped(length);
    }
    return true;
  }

  async #handOn(group: readonly Cursor[], bytes: Buffer): Promise<boolean> {
    const { decoder, offset: start } = group[0]!;
    if (this.#hash === "") await this.#markFirstLine();
    await this.#older?.drain();
    await this.#context.turns.take();
    const readers = this.#still(group, start, decoder);
    if (readers.length === 0) return false;
    const lines: DecodedLines = { bytes, ...decoder.decode(bytes), start };
    const mark = Buffer.from(bytes.subarray(-MARK_BYTES));
    for (const cursor of readers) {
      cursor.offset = start + bytes.length;
      cursor.known = 0;
      cursor.mark = mark;
    }
    for (const cursor of readers) if (this.#cursors.has(cursor)) cursor.reader.lines(cursor, lines);
    return true;
  }

  /** Reads to the end, older files first. */
  async drain(): Promise<void> {
    if (this.#older?.closed) this.#older = null;
    await this.#older?.drain();
    this.wake(true);
    await this.idle();
  }

  /** Positions are of use only together with the mark, so it must be known before lines are handed on. */
  async #markFirstLine(): Promise<void> {
    if (this.#unmarkable) return;
    this.#hash = await hashFirstLine(this.#fd);
    this.#unmarkable = this.#hash === "";
  }

  /** Those of the group that nothing happened to while the file was being read. */
  #still(group: readonly Cursor[], offset: number, decoder: LineDecoder): Cursor[] {
    return group.filter(
      (cursor) =>
        this.#cursors.has(cursor) &&
        cursor.reader.active &&
        cursor.offset === offset &&
        cursor.decoder.id === decoder.id,
    );
  }

  #settle(cursor: Cursor, decoder: LineDecoder, wakes: number): void {
    if (!this.#cursors.has(cursor) || !cursor.reader.active || cursor.decoder !== decoder) return;
    cursor.settledAt = wakes;
    cursor.reader.settled(cursor);
  }

  /** Looks for signs of truncation; true when the cursors were put back to the begin of the file. */
  async #verify(plain: boolean): Promise<boolean> {
    const { size } = plain ? fstatSync(this.#fd) : await statDescriptor(this.#fd);
    const truncated = [...this.#cursors].some((cursor) => size < cursor.offset);
    const now = this.#context.clock.now();
    const overwritten = this.#rewritten;
    this.#rewritten = false;
    if (!truncated && !overwritten && now < this.#hashDue) return false;
    const oldHash = this.#hash;
    this.#hash = await hashFirstLine(this.#fd);
    this.#unmarkable = false;
    this.#hashDue = now + HASH_CHECK_SECONDS;
    const rewritten = overwritten || (oldHash !== "" && oldHash !== this.#hash && !(await this.#isHollow()));
    if (oldHash === "") await readAt(this.#fd, this.#byteOrderMark, 2, 0);
    if (!truncated && !rewritten) return false;
    this.#wakes++;
    for (const cursor of this.#cursors) this.#rewind(cursor, size, oldHash);
    return true;
  }

  /**
   * Whether the file begins with a hole: truncated under a program that goes on writing where it was. The place of
   * reading is right then.
   */
  async #isHollow(): Promise<boolean> {
    const first = Buffer.alloc(1);
    return (await readAt(this.#fd, first, 1, 0)) === 1 && first[0] === 0;
  }

  #rewind(cursor: Cursor, size: number, oldHash: string): void {
    const facts = {
      size,
      oldPosition: cursor.offset,
      newInode: this.inode,
      oldInode: this.inode,
      newHash: this.#hash,
      oldHash,
    };
    cursor.offset = 0;
    cursor.known = 0;
    cursor.mark = NO_MARK;
    cursor.unreachable = -1;
    cursor.reader.rotated(facts);
  }
}

interface OpenFacts {
  readonly inode: number;
  readonly device: number;
  readonly identity: string;
  readonly regular: boolean;
  readonly byteOrderMark: Buffer;
  readonly hash: string;
}
