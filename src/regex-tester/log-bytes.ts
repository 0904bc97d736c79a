import { spawn } from "node:child_process";
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
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
    const decompress = decompressorFor(buffer.subarray(0, read));
    if (decompress) {
      yield* decompressed(path, decompress(Readable.from(countedBytes(path, state))));
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

type Decompressor = (compressed: Readable) => AsyncIterable<Buffer>;

/** By the bytes that files of each kind begin with. */
const DECOMPRESSORS: readonly (readonly [magic: string, decompress: Decompressor])[] = [
  ["1f8b08", (compressed) => pipeline(compressed, createGunzip({ chunkSize: BLOCK }), ignore)],
  ["28b52ffd", (compressed) => pipeline(compressed, createZstdDecompress({ chunkSize: BLOCK }), ignore)],
  ["fd377a585a00", xz],
];

function decompressorFor(begin: Buffer): Decompressor | null {
  const hex = begin.toString("hex", 0, 8);
  return DECOMPRESSORS.find(([magic]) => hex.startsWith(magic))?.[1] ?? null;
}

/** Whoever reads hears of errors. */
function ignore(): void {}

/** Node has no xz; nearly every system has the program. */
async function* xz(compressed: Readable): AsyncGenerator<Buffer> {
  const child = spawn("xz", ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<string | null>((resolve) => {
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => {
      complaint += text.toString();
    });
    child.on("error", (error) => resolve(`the program xz: ${error.message}`));
    child.on("close", (code) =>
      resolve(code === 0 ? null : complaint.trim() || `xz ended with code ${code}`),
    );
  });
  try {
    pipeline(compressed, child.stdin, ignore);
    yield* child.stdout as AsyncIterable<Buffer>;
    const complaint = await ended;
    if (complaint !== null) throw new Error(complaint);
  } finally {
    child.kill();
  }
}
