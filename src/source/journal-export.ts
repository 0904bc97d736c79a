/** One journal entry: its fields in order of appearance; a field may occur several times. */
export type JournalEntry = ReadonlyMap<string, readonly Buffer[]>;

/** Who takes what a {@link JournalExportReader} finds. */
export interface JournalExportOptions {
  readonly onEntry: (entry: JournalEntry) => void;
  /** A field was left out of its entry because it has more than {@link longestField} bytes. */
  readonly onOversized?: (name: string) => void;
  /** Bytes; 1 MiB by default. The journal itself takes less than that from its clients. */
  readonly longestField?: number;
}

const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const LENGTH_BYTES = 8;
const LONGEST_FIELD = 1024 * 1024;
const LONGEST_NAME = 64;

/**
 * Reads the journal's export format: `NAME=value` lines or, where a value holds line ends or no text, the name, the
 * length in eight bytes and the value; an empty line ends the entry. Takes the stream in pieces cut anywhere, in
 * bounded memory.
 */
export class JournalExportReader {
  readonly #o: JournalExportOptions;
  readonly #longest: number;
  #rest: Buffer = Buffer.alloc(0);
  #entry = new Map<string, Buffer[]>();
  /** Bytes of an oversized value that are still to be passed over; `null`: up to the end of the line. */
  #passOver: number | null = 0;

  constructor(options: JournalExportOptions) {
    this.#o = options;
    this.#longest = options.longestField ?? LONGEST_FIELD;
  }

  /** Takes the next piece; entries that it completes are handed on before it returns. */
  push(piece: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    let at = 0;
    while (at < bytes.length) {
      const next = this.#passOver === 0 ? this.#readField(bytes, at) : this.#skip(bytes, at);
      if (next < 0) break;
      at = next;
    }
    // A copy, so that what is left over does not hold on to the whole piece.
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** Reads the field or the entry's end at `at`; gives the place behind it, or -1 when it is not complete. */
  #readField(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) return this.#refuseOversized(bytes, at);
    if (end === at) {
      this.#finishEntry();
      return end + 1;
    }
    const equals = bytes.subarray(at, end).indexOf(EQUALS);
    if (equals < 0) return this.#readBinary(bytes, at, end);
    const name = bytes.toString("latin1", at, at + Math.min(equals, LONGEST_NAME));
    if (end - at - equals > this.#longest) this.#o.onOversized?.(name);
    else this.#add(name, bytes.subarray(at + equals + 1, end));
    return end + 1;
  }

  #readBinary(bytes: Buffer, at: number, nameEnd: number): number {
    const start = nameEnd + 1 + LENGTH_BYTES;
    if (bytes.length < start) return -1;
    const length = Number(bytes.readBigUInt64LE(nameEnd + 1));
    const name = bytes.toString("latin1", at, Math.min(nameEnd, at + LONGEST_NAME));
    if (length > this.#longest) {
      this.#o.onOversized?.(name);
      this.#passOver = length + 1;
      return start;
    }
    if (bytes.length < start + length + 1) return -1;
    this.#add(name, bytes.subarray(start, start + length));
    return start + length + 1;
  }

  /** A line that is not complete: waits for the rest unless there is too much of it already. */
  #refuseOversized(bytes: Buffer, at: number): number {
    if (bytes.length - at <= this.#longest + LONGEST_NAME) return -1;
    const equals = bytes.subarray(at, at + LONGEST_NAME).indexOf(EQUALS);
    this.#o.onOversized?.(bytes.toString("latin1", at, at + Math.max(equals, 0)));
    this.#passOver = null;
    return bytes.length;
  }

  #skip(bytes: Buffer, at: number): number {
    if (this.#passOver === null) {
      const end = bytes.indexOf(NEWLINE, at);
      if (end >= 0) this.#passOver = 0;
      return end < 0 ? bytes.length : end + 1;
    }
    const passed = Math.min(this.#passOver, bytes.length - at);
    this.#passOver -= passed;
    return at + passed;
  }

  #add(name: string, value: Buffer): void {
    const values = this.#entry.get(name);
    if (values) values.push(value);
    else this.#entry.set(name, [value]);
  }

  #finishEntry(): void {
    const entry = this.#entry;
    if (entry.size === 0) return;
    this.#entry = new Map();
    this.#o.onEntry(entry);
  }
}
