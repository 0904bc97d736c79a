import { spawn } from "node:child_process";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** What can be decompressed. */
export type Compression = "gzip" | "zstd" | "xz";

/**
 * Decompresses bytes. What is wrong with them is thrown where the pieces are taken.
 *
 * @param pieceSize most bytes of a piece of the result, except of xz
 */
export function decompress(
  compression: Compression,
  compressed: AsyncIterable<Buffer>,
  pieceSize: number,
): AsyncIterable<Buffer> {
  const source = Readable.from(compressed);
  if (compression === "xz") return xz(source);
  const make = compression === "gzip" ? createGunzip : createZstdDecompress;
  return pipeline(source, make({ chunkSize: pieceSize }), ignore);
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
