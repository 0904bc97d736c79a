import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import type { Compression } from "./decompress.ts";
import { TesterError } from "./tester-error.ts";

/**
 * Most bytes read at a time. What is found in them is held until all of them have been tested, and their text is to be
 * small enough for the engine's memory of young objects, so that neither is ever moved among the old ones.
 */
const BLOCK = 3 << 15;

/** How far a file has been read. */
export interface ReadState {
  /** Bytes of the file that were read, be they compressed. */
  done: number;
}

/**
 * The bytes of a log file, piece by piece; gzip, zstd and xz are decompressed, whatever the file's name. A piece
 * is only valid until the next one.
 *
 * @param state is kept up to date
 * @throws {TesterError} when the file cannot be read
 */
export async function* bytesOf(path: string, state: ReadState): AsyncGenerator<Buffer> {
  const file = explained(path, () => openSync(path, "r"));
  try {
    const buffer = Buffer.allocUnsafe(BLOCK);
    let read = explained(path, () => readSync(file, buffer, 0, BLOCK, null));
    const compression = compressionOf(buffer.subarray(0, read));
    if (compression) {
      const { decompress } = await import("./decompress.ts");
      yield* decompressed(path, decompress(compression, countedBytes(path, state), BLOCK));
      return;
    }
    for (; read > 0; read = explained(path, () => readSync(file, buffer, 0, BLOCK, null))) {
      state.done += read;
      yield buffer.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new TesterError(`ERROR: Unable to open ${path}: ${(error as Error).message}`);
  }
}

async function* decompressed(path: string, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* pieces;
  } catch (error) {
    throw new TesterError(`ERROR: Unable to decompress ${path}: ${(error as Error).message}`);
  }
}

/** The bytes of a file as they are, counted. */
async function* countedBytes(path: string, state: ReadState): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(path, { highWaterMark: BLOCK })) {
    state.done += (piece as Buffer).length;
    yield piece as Buffer;
  }
}

/** By the bytes that files of each kind begin with. */
const COMPRESSIONS: readonly (readonly [magic: string, compression: Compression])[] = [
  ["1f8b08", "gzip"],
  ["28b52ffd", "zstd"],
  ["fd377a585a00", "xz"],
];

function compressionOf(begin: Buffer): Compression | null {
  const hex = begin.toString("hex", 0, 8);
  return COMPRESSIONS.find(([magic]) => hex.startsWith(magic))?.[1] ?? null;
}
