import { type LineDecoder, lookupEncoding, UnknownEncodingError } from "../source/encoding.ts";
import { bytesOf, type ReadState } from "./log-bytes.ts";
import { statsOf } from "./path-stats.ts";
import { TesterError } from "./tester-error.ts";

/** Whole lines, each with its newline. */
export interface Lines {
  readonly text: string;
  /** They are known to be pure ASCII. */
  readonly ascii: boolean;
}

/** Whether the LOG argument is the path of a log file; otherwise it is log text itself. */
export function isLogFile(argument: string): boolean {
  return statsOf(argument)?.isFile() ?? false;
}

/** What to say of log text that looks as if a file was meant; `null`: nothing. */
export function hintAbout(text: string): string | null {
  if (!/^[^\s\0]*\/[^\s\0]*$/.test(text)) return null;
  const file = statsOf(text);
  if (!file) return `Hint: there is no file ${text}, so the path itself is tested as a line.`;
  const what = file.isDirectory() ? "a directory" : "no regular file";
  return `Hint: ${text} is ${what}, so the path itself is tested as a line.`;
}

/** The lines of log text given on the command line. */
export function linesOfText(text: string): string[] {
  return text.split("\n").map(withoutReturns);
}

/** Whole lines as they stand in a log, and how they are read. */
export interface RawLines {
  readonly bytes: Buffer;
  readonly decoder: LineDecoder;
}

/**
 * Reads a log file in pieces of whole lines. A last line without line end is left out. A piece is only valid until
 * the next one.
 *
 * @param state tells how far reading is
 * @throws {TesterError} when the encoding is not known or the file cannot be read
 */
export function linesOfFile(path: string, encoding: string, state: ReadState): AsyncIterable<RawLines> {
  // Whether the encoding is known is to be said before anything is read.
  decoderFor(encoding, new Uint8Array());
  return readLines(bytesOf(path, state), encoding);
}

async function* readLines(pieces: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<RawLines> {
  const held = new HeldBytes();
  let decoder: LineDecoder | null = null;
  for await (const piece of pieces) {
    const bytes = held.add(piece);
    decoder ??= decoderFor(encoding, bytes.subarray(0, BYTE_ORDER_MARK));
    // A very long line is not to be looked through again with each piece.
    if (decoder.unit === 1 && !piece.includes(NEWLINE)) continue;
    const end = decoder.lastLineEnd(bytes, bytes.length);
    if (end <= 0) continue;
    yield { bytes: bytes.subarray(0, end), decoder };
    held.drop(end);
  }
}

/** Bytes that follow each other, in memory that is used again and again. */
class HeldBytes {
  #memory = Buffer.allocUnsafe(0);
  #length = 0;

  /** Appends a piece and gives all that is held. */
  add(piece: Buffer): Buffer {
    const length = this.#length + piece.length;
    if (length > this.#memory.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    piece.copy(this.#memory, this.#length);
    this.#length = length;
    return this.#memory.subarray(0, length);
  }

  /** Drops the first bytes. */
  drop(count: number): void {
    this.#memory.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

const BYTE_ORDER_MARK = 2;
const NEWLINE = 0x0a;

/** Whole lines as text. */
export function decodeLines({ bytes, decoder }: RawLines): Lines {
  return decoder.decode(bytes);
}

function decoderFor(encoding: string, byteOrderMark: Uint8Array): LineDecoder {
  try {
    return lookupEncoding(encoding, byteOrderMark);
  } catch (error) {
    if (!(error instanceof UnknownEncodingError)) throw error;
    throw new TesterError(`LookupError: ${error.message}`, { exitCode: 1, toStderr: true });
  }
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
  return end === line.length ? line : line.slice(0, end);
}

const CARRIAGE_RETURN = 13;
