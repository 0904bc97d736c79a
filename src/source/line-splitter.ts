/** Who takes what a {@link LineSplitter} finds. */
export interface LineSplitterOptions {
  /** Whole lines, each with its newline. */
  readonly onLines: (lines: Buffer) => void;
  /** A line of more than {@link longestLine} bytes was left out. */
  readonly onSkipped?: (bytes: number) => void;
  /** Bytes; 1 MiB by default. */
  readonly longestLine?: number;
}

const NEWLINE = 0x0a;
const LONGEST_LINE = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Cuts a stream of bytes, which comes in pieces, behind its newlines; in bounded memory. */
export class LineSplitter {
  readonly #o: LineSplitterOptions;
  readonly #longest: number;
  /** The begin of a line that is not complete, in pieces. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Bytes of the line that is being skipped; 0: none is. */
  #skipped = 0;

  constructor(options: LineSplitterOptions) {
    this.#o = options;
    this.#longest = options.longestLine ?? LONGEST_LINE;
  }

  push(piece: Buffer): void {
    const bytes = this.#skipped > 0 ? this.#skip(piece) : piece;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.#handOn(bytes.subarray(0, end));
    this.#keep(bytes.subarray(end));
  }

  /** The stream has ended: what is left is a line too. */
  end(): void {
    if (this.#restBytes > 0) this.#handOn(Buffer.from("\n"));
    this.#skipped = 0;
  }

  #handOn(bytes: Buffer): void {
    const lines = this.#restBytes > 0 ? Buffer.concat([...this.#rest, bytes]) : bytes;
    this.#rest = [];
    this.#restBytes = 0;
    this.#o.onLines(lines);
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#restBytes += bytes.length;
    if (this.#restBytes <= this.#longest) {
      this.#rest.push(Buffer.from(bytes));
      return;
    }
    this.#skipped = this.#restBytes;
    this.#rest = [];
    this.#restBytes = 0;
  }

  #skip(piece: Buffer): Buffer {
    const end = piece.indexOf(NEWLINE);
    this.#skipped += end < 0 ? piece.length : end;
    if (end < 0) return NOTHING;
    this.#o.onSkipped?.(this.#skipped);
    this.#skipped = 0;
    return piece.subarray(end + 1);
  }
}
