import { fstatSync, readSync, type Stats } from "node:fs";
import type { CancelTimer, Clock } from "../time/clock.ts";
import type { BlockBuffers } from "./block-buffers.ts";
import type { Cursor, CursorReader, DecodedLines } from "./cursor.ts";
import { type CursorGroup, Cursors } from "./cursors.ts";
import type { LineDecoder } from "./encoding.ts";
import { FileBegin } from "./file-begin.ts";
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
import { checkKind } from "./log-file-kind.ts";
import { isHole, isRewritten, MARK_BYTES, NO_MARK, zerosBefore } from "./place-mark.ts";
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
  readonly #begin: FileBegin;
  readonly #cursors = new Cursors();
  #wakes = 0;
  /** True when the bytes before a cursor are not those that it has read. */
  #rewritten = false;
  #older: OpenFile | null = null;
  #fault: SourceFault | null = null;
  #retrySeconds = FIRST_RETRY;
  #cancelRetry: CancelTimer = () => {};
  #reading = false;
  #closed = false;
  #idle: (() => void)[] = [];

  private constructor(fd: number, stats: Stats, begin: FileBegin, context: ReadingContext) {
    this.#fd = fd;
    this.#context = context;
    this.#begin = begin;
    this.inode = stats.ino;
    this.device = stats.dev;
    this.identity = fileIdentity(stats);
    this.#regular = stats.isFile();
  }

  /** Opens a file. `/dev/null` is always empty. @throws the system's error, NoLogFileError */
  static async open(path: string, context: ReadingContext): Promise<OpenFile> {
    // Looked at before it is opened: opening alone has consequences for pipes and devices.
    checkKind(path, await statPath(path));
    const fd = await openForReading(path);
    try {
      const stats = await statDescriptor(fd);
      checkKind(path, stats);
      const begin = await FileBegin.read(fd, stats.isFile(), context.clock.now());
      return new OpenFile(fd, stats, begin, context);
    } catch (error) {
      closeQuietly(fd);
      throw error;
    }
  }

  /** First-line hash; empty while the first line is incomplete. */
  get hash(): string {
    return this.#begin.hash;
  }

  /** The file's first two bytes, zero where there are fewer. */
  get byteOrderMark(): Uint8Array {
    return this.#begin.byteOrderMark;
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
    return this.#cursors.place(reader, this, decoder, offset, held);
  }

  /** Forgets a cursor. */
  remove(cursor: Cursor): void {
    this.#cursors.remove(cursor);
  }

  /** True when nobody reads here. */
  get unused(): boolean {
    return this.#cursors.isEmpty;
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
      if (this.#begin.isDue(this.#context.clock.now())) await this.#verify(false);
      let plain = fresh;
      for (;;) {
        const wakes = this.#wakes;
        let moved = false;
        while (!this.#rewritten) {
          const group = this.#cursors.nextGroup(this.#wakes);
          if (!group) break;
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

  /** Reads once for cursors that stand at one place; true when they moved. */
  async #step(group: CursorGroup, plain: boolean): Promise<boolean> {
    const { blockBytes, buffers } = this.#context;
    const wakes = this.#wakes;
    // The part of a long line that was searched before is not read again until the line is complete.
    const skip = group.known > blockBytes / 2 ? group.known : 0;
    const want = skip > 0 ? blockBytes : group.room(blockBytes);
    const mark = skip > 0 ? NO_MARK : group.mark;
    const buffer = buffers.take();
    const from = group.offset + skip - mark.length;
    const read = plain
      ? readSync(this.#fd, buffer, 0, mark.length + want, from)
      : await readOnce(this.#fd, buffer, mark.length + want, from);
    const found = buffer.subarray(0, Math.min(read, mark.length));
    if (isRewritten(found, mark) || (await this.#isTorn(buffer.subarray(0, read), from, plain))) {
      buffers.give(buffer);
      this.#rewritten = true;
      return false;
    }
    const bytes = buffer.subarray(mark.length, Math.max(read, mark.length));
    if (skip === 0 && this.#skipHole(group, bytes)) {
      buffers.give(buffer);
      return true;
    }
    const atEnd = bytes.length < want;
    const moved =
      skip > 0
        ? await this.#endOfLongLine(group, bytes, skip)
        : await this.#wholeLines(group, bytes, want < blockBytes);
    buffers.give(buffer);
    // Behind the end of a long line there may be more in the piece: that is read with the next step.
    if (atEnd && !(skip > 0 && moved)) group.settle(wakes);
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
  #skipHole(group: CursorGroup, bytes: Buffer): boolean {
    if (group.decoder.unit > 1 || (group.offset > 0 && !isHole(group.mark))) return false;
    const zeros = zerosBefore(bytes);
    if (zeros === 0) return false;
    group.pass(zeros, Buffer.alloc(Math.min(zeros, MARK_BYTES)));
    return true;
  }

  async #wholeLines(group: CursorGroup, bytes: Buffer, stretched: boolean): Promise<boolean> {
    const cut = group.decoder.lastLineEnd(bytes, bytes.length);
    if (stretched && cut < bytes.length) group.cannotStopAt(group.offset + bytes.length);
    if (cut === 0) {
      group.setKnown(bytes.length);
      return false;
    }
    return this.#handOn(group, bytes.subarray(0, cut));
  }

  /** Searches the next piece of a long line for its end; `skip` bytes of it are known to have none. */
  async #endOfLongLine(group: CursorGroup, piece: Buffer, skip: number): Promise<boolean> {
    const end = group.decoder.firstLineEnd(piece, piece.length, skip);
    if (end === 0) {
      group.setKnown(skip + piece.length);
      return false;
    }
    const length = skip + end;
    if (length <= this.#context.longestLine) {
      const line = Buffer.allocUnsafe(length);
      const read = await readAt(this.#fd, line, length, group.offset);
      return read === length && this.#handOn(group, line);
    }
    for (const cursor of group.pass(length, NO_MARK)) cursor.reader.skipped(length);
    return true;
  }

  async #handOn(group: CursorGroup, bytes: Buffer): Promise<boolean> {
    // Positions are of use only together with the first line's hash, so it must be known before.
    await this.#begin.complete();
    await this.#older?.drain();
    await this.#context.turns.take();
    if (group.unmoved().length === 0) return false;
    const lines: DecodedLines = { bytes, ...group.decoder.decode(bytes), start: group.offset };
    const readers = group.pass(bytes.length, Buffer.from(bytes.subarray(-MARK_BYTES)));
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

  /** Looks for signs of truncation; true when the cursors were put back to the begin of the file. */
  async #verify(plain: boolean): Promise<boolean> {
    const { size } = plain ? fstatSync(this.#fd) : await statDescriptor(this.#fd);
    const truncated = [...this.#cursors].some((cursor) => size < cursor.offset);
    const now = this.#context.clock.now();
    const overwritten = this.#rewritten;
    this.#rewritten = false;
    if (!truncated && !overwritten && !this.#begin.isDue(now)) return false;
    const { oldHash, changed } = await this.#begin.look(now);
    if (!truncated && !overwritten && !changed) return false;
    this.#wakes++;
    for (const cursor of this.#cursors) this.#rewind(cursor, size, oldHash);
    return true;
  }

  #rewind(cursor: Cursor, size: number, oldHash: string): void {
    const facts = {
      size,
      oldPosition: cursor.offset,
      newInode: this.inode,
      oldInode: this.inode,
      newHash: this.#begin.hash,
      oldHash,
    };
    cursor.offset = 0;
    cursor.known = 0;
    cursor.mark = NO_MARK;
    cursor.unreachable = -1;
    cursor.reader.rotated(facts);
  }
}
