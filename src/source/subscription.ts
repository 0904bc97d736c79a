import { LEVELS, type Logger } from "../log/logger.ts";
import { reprBytes } from "../pyvalue/repr.ts";
import type { Clock } from "../time/clock.ts";
import { Complaints } from "./complaints.ts";
import type { Cursor, CursorReader, DecodedLines, RotationFacts } from "./cursor.ts";
import { isKnownEncoding, lookupEncoding, UnknownEncodingError } from "./encoding.ts";
import { errorText } from "./file-io.ts";
import { lagOf, lastLineBefore } from "./file-progress.ts";
import type { LineBlock } from "./line-block.ts";
import type { OpenFile } from "./open-file.ts";
import { type ReaderKind, type SourceFault, type SourceState, UNKNOWN_LAG } from "./source-state.ts";

/** How a jail wants a file to be read. */
export interface SubscribeOptions {
  /** The file, as the jail names it. */
  readonly path: string;
  /** By events of the system, or by looking every now and then. */
  readonly mode: "inotify" | "polling";
  /** An encoding as Python names it; not `auto`, see `preferredEncoding`. */
  readonly encoding: string;
  /** Where to begin, and the first line of the file to which that place belongs (see `inspectLogFile`). */
  readonly start: { readonly offset: number; readonly firstLineHash: string };
  /** True when all lines from `start` on are new ones (a file that is read from its end). */
  readonly inOperation?: boolean;
  /** True to begin paused, until `resume` is called. */
  readonly paused?: boolean;
  /** Takes the lines. `position` is behind them already. */
  onBlock(block: LineBlock): void;
  /** The end of the file was reached for the first time: the jail is in operation as far as this file goes. */
  onEnd?(): void;
  /** Another file is read from now on, see `fileIdentity`. */
  onFile?(identity: string): void;
  /** Messages about the file (`fail2ban.filter`). */
  readonly log: Logger;
  /** Messages about how the file is watched (`fail2ban.filterpyinotify`); `log` if absent. */
  readonly backendLog?: Logger;
}

/** What a file's subscriptions ask of it. */
export interface SubscriptionHost {
  /** The subscription may want to read again. */
  woken(subscription: Subscription): void;
  /** The subscription ends. */
  left(subscription: Subscription): void;
  /** How its file is watched, and what is wrong with it. */
  conditionOf(subscription: Subscription): FileCondition;
}

/** How a file is watched at present, and why it cannot be read if that is so. */
export interface FileCondition {
  readonly reader: ReaderKind;
  readonly fault: SourceFault | null;
}

const DAY = 86_400;

/** One jail's reading of one file. Made by `FileHub.subscribe`. */
export class Subscription implements CursorReader {
  readonly path: string;
  readonly mode: "inotify" | "polling";
  readonly options: SubscribeOptions;
  readonly #host: SubscriptionHost;
  readonly #clock: Clock;
  /** The files to read, in this order: those rotated away that are not yet read to their end, then the present one. */
  readonly #chain: Cursor[] = [];
  /** Files already read to their end, which somebody might still write to. */
  readonly #past = new Set<Cursor>();
  #encoding: string;
  #resume: ResumePoint;
  #paused: boolean;
  #closed = false;
  #inOperation = false;
  #nextDecodeWarning = Number.NEGATIVE_INFINITY;
  #lastReadAt: number | null = null;
  readonly #complaints: Complaints;

  constructor(options: SubscribeOptions, host: SubscriptionHost, clock: Clock) {
    if (!isKnownEncoding(options.encoding)) throw new UnknownEncodingError(options.encoding);
    this.path = options.path;
    this.mode = options.mode;
    this.options = options;
    this.#host = host;
    this.#clock = clock;
    this.#complaints = new Complaints(clock, (message) => options.log.error(message));
    this.#encoding = options.encoding;
    this.#paused = options.paused ?? false;
    this.#inOperation = options.inOperation ?? false;
    this.#resume = { offset: options.start.offset, hash: options.start.firstLineHash, inode: null };
  }

  /** Byte offset behind the last complete line that was handed on, in the file that {@link firstLineHash} marks. */
  get position(): number {
    return this.#chain[0]?.offset ?? this.#resume.offset;
  }

  /** First-line hash of the file that is being read; empty while its first line is incomplete. */
  get firstLineHash(): string {
    return this.#chain[0]?.file.hash ?? this.#resume.hash;
  }

  get encoding(): string {
    return this.#encoding;
  }

  /** True once the end of the file was reached. */
  get inOperation(): boolean {
    return this.#inOperation;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** True when lines are wanted. */
  get active(): boolean {
    return !this.#paused && !this.#closed;
  }

  /** Hands on nothing until {@link resume}; nothing is lost meanwhile. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on where {@link pause} stopped it. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#host.woken(this);
  }

  /** Decodes what comes from now on otherwise. @throws UnknownEncodingError */
  setEncoding(encoding: string): void {
    if (!isKnownEncoding(encoding)) throw new UnknownEncodingError(encoding);
    this.#encoding = encoding;
    for (const cursor of [...this.#chain, ...this.#past]) cursor.decoder = this.#decoderFor(cursor.file);
    this.#host.woken(this);
  }

  /** Ends the reading; `position` stays valid. The removal is logged, except at a stop of the inotify backend. */
  close(reason: "removed" | "stop" = "removed"): void {
    if (this.#closed) return;
    this.#saveResumePoint();
    this.#closed = true;
    for (const cursor of [...this.#chain, ...this.#past]) cursor.file.remove(cursor);
    this.#chain.length = 0;
    this.#past.clear();
    this.#host.left(this);
    if (reason === "removed" || this.mode === "polling") {
      this.options.log.info(`Removed logfile: '${this.path}'`);
    }
  }

  /** The path leads to this file now; it is read as soon as older ones are read to their end. */
  attach(file: OpenFile, size: number): void {
    this.options.onFile?.(file.identity);
    const older = this.#chain.at(-1)?.file;
    if (older) {
      this.#logRotation(rotationTo(file, size, older.inode, older.hash, this.position));
      this.#chain.push(file.place(this, this.#decoderFor(file), 0, true));
      return;
    }
    this.#chain.push(file.place(this, this.#decoderFor(file), this.#startIn(file, size), false));
  }

  /** The file is about to be closed: lines that were not read by now will not be. */
  detach(file: OpenFile): void {
    for (const cursor of this.#past) if (cursor.file === file) this.#past.delete(cursor);
    const at = this.#chain.findIndex((cursor) => cursor.file === file);
    if (at < 0) return;
    if (this.#chain.length === 1) this.#saveResumePoint();
    this.#chain.splice(at, 1);
    if (at === 0) this.#release();
  }

  /** True when the file still has to be read before the present one. */
  needs(file: OpenFile): boolean {
    return this.#chain.some((cursor) => cursor.file === file);
  }

  /**
   * What the reading is at, by a look into the file.
   *
   * @param timeOf the time of a line in seconds since 1970 UTC, `null` when it has none
   */
  async state(timeOf: (line: string) => number | null): Promise<SourceState> {
    const { reader, fault } = this.#host.conditionOf(this);
    const known = {
      name: this.path,
      reader,
      health: fault?.health ?? (this.#paused ? ("idle" as const) : ("ok" as const)),
      fault,
      lag: UNKNOWN_LAG,
      lastLineTime: null,
      lastReadAt: this.#lastReadAt,
      file: null,
      cursor: null,
    };
    try {
      return { ...known, ...(await this.#look(timeOf)) };
    } catch (error) {
      const failure = { health: "retrying" as const, since: null, reason: errorText(error) };
      return { ...known, health: fault?.health ?? "retrying", fault: fault ?? failure };
    }
  }

  async #look(timeOf: (line: string) => number | null): Promise<Partial<SourceState>> {
    const chain = [...this.#chain];
    const [first] = chain;
    const read = [...this.#past, ...chain.slice(0, 1)].findLast((cursor) => cursor.offset > 0);
    const lag = await lagOf(chain, timeOf, this.#clock.now());
    const lastLine = read ? await lastLineBefore(read) : null;
    const lastLineTime = lastLine === null ? null : timeOf(lastLine);
    if (!first) return { lag, lastLineTime };
    const { offset: position, file } = first;
    const place = { position, size: await file.size(), inode: file.inode, device: file.device };
    return { lag, lastLineTime, file: place };
  }

  // What follows is called by the file that is being read.

  lines(cursor: Cursor, lines: DecodedLines): void {
    if (lines.damaged) this.#reportDamage(cursor, lines);
    const block: LineBlock = {
      path: this.path,
      text: lines.text,
      ascii: lines.ascii,
      start: lines.start,
      end: lines.start + lines.bytes.length,
      inOperation: this.#inOperation,
    };
    this.#lastReadAt = this.#clock.now();
    try {
      this.options.onBlock(block);
    } catch (error) {
      this.#complaints.complain(
        `Failed to process lines of '${this.path}', caught exception: ${errorText(error)}`,
      );
    }
  }

  settled(cursor: Cursor): void {
    if (cursor !== this.#chain[0]) return;
    if (this.#chain.length > 1) {
      this.#chain.shift();
      this.#past.add(cursor);
      this.#release();
    } else if (!this.#inOperation) {
      this.#inOperation = true;
      this.options.onEnd?.();
    }
  }

  rotated(facts: RotationFacts): void {
    this.#logRotation(facts);
  }

  skipped(bytes: number): void {
    this.options.log.warning(`Skipped a line of ${bytes} bytes in '${this.path}': too long for a log line`);
  }

  failed(error: unknown): void {
    this.#complaints.complain(`Unable to read ${this.path}, it will be tried again: ${errorText(error)}`);
  }

  #release(): void {
    const next = this.#chain[0];
    if (!next) return;
    next.held = false;
    next.file.wake();
  }

  #decoderFor(file: OpenFile) {
    return lookupEncoding(this.#encoding, file.byteOrderMark);
  }

  #saveResumePoint(): void {
    const cursor = this.#chain[0];
    if (cursor) this.#resume = { offset: cursor.offset, hash: cursor.file.hash, inode: cursor.file.inode };
  }

  /** The kept place, if it is in this file; else its begin. */
  #startIn(file: OpenFile, size: number): number {
    const { offset, hash, inode } = this.#resume;
    const same = hash === "" ? inode === null || inode === file.inode : hash === file.hash;
    if (same && offset <= size) return offset;
    this.#logRotation(rotationTo(file, size, inode ?? file.inode, hash, offset));
    return 0;
  }

  #logRotation(facts: RotationFacts): void {
    if (facts.oldHash === "") return;
    const { size, oldPosition, newInode, oldInode, newHash, oldHash } = facts;
    const reason = `(${size}, ${oldPosition}, ${newInode}, ${oldInode}, '${newHash}', '${oldHash}')`;
    this.options.log.msg(`Log rotation detected for ${this.path}, reason: ${reason}`);
  }

  #reportDamage(cursor: Cursor, lines: DecodedLines): void {
    const now = this.#clock.now();
    const level = now < this.#nextDecodeWarning ? LEVELS.TRACEDEBUG : LEVELS.WARNING;
    if (!this.options.log.isEnabled(level)) return;
    if (level === LEVELS.WARNING) this.#nextDecodeWarning = now + DAY;
    const line = firstDamagedLine(cursor, lines.bytes);
    this.options.log.log(level, `Error decoding line from '${this.path}' with '${this.#encoding}'.`);
    this.options.log.log(
      level,
      "Consider setting logencoding to appropriate encoding for this jail. " +
        `Continuing to process line ignoring invalid characters: ${reprBytes(line)}`,
    );
  }
}

interface ResumePoint {
  readonly offset: number;
  readonly hash: string;
  /** `null` before the file was opened. */
  readonly inode: number | null;
}

function rotationTo(
  file: OpenFile,
  size: number,
  oldInode: number,
  oldHash: string,
  oldPosition: number,
): RotationFacts {
  return { size, oldPosition, newInode: file.inode, oldInode, newHash: file.hash, oldHash };
}

/** Only the first is wanted, once a day, so that it does not matter that lines are decoded a second time. */
function firstDamagedLine({ decoder }: Cursor, bytes: Buffer): Buffer {
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const line = rest.subarray(0, decoder.firstLineEnd(rest, rest.length, 0) || rest.length);
    if (decoder.decode(line).damaged) return line;
    at += line.length;
  }
  return bytes.subarray(0, 0);
}
