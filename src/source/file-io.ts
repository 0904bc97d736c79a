import { close, constants, fstat, lstat, open, read, readlink, type Stats, stat } from "node:fs";
import { promisify } from "node:util";

/*
 * The few file operations of this room as promises over plain descriptors. The thread pool does them, so a
 * slow disk or a dead network mount holds up one file, never the event loop.
 */

const openFile = promisify(open);
const readFile = promisify(read) as unknown as (
  fd: number,
  buffer: Buffer,
  at: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;

/** Facts about an open file. @throws the system's error */
export const statDescriptor: (fd: number) => Promise<Stats> = promisify(fstat);
/** Facts about a path, symbolic links followed. @throws the system's error */
export const statPath: (path: string) => Promise<Stats> = promisify(stat);
/** Facts about a path itself, even if it is a symbolic link. @throws the system's error */
export const statLink: (path: string) => Promise<Stats> = promisify(lstat);
/** Where a symbolic link points. @throws the system's error */
export const readLink: (path: string) => Promise<string> = promisify(readlink);

/** Opens for reading; never waits for the other end of a pipe. @throws the system's error */
export function openForReading(path: string): Promise<number> {
  return openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Reads up to `length` bytes at `position` to the front of `buffer`; fewer only at the end of the file. */
export async function readAt(fd: number, buffer: Buffer, length: number, position: number): Promise<number> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await readFile(fd, buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/**
 * One read of up to `length` bytes at `position`, of a single moment: no second one fetches what a short read left
 * out, as the file could be truncated and written anew between the two.
 */
export async function readOnce(
  fd: number,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<number> {
  return (await readFile(fd, buffer, 0, length, position)).bytesRead;
}

/** Closes a descriptor; there is nobody to tell if that fails. */
export function closeQuietly(fd: number): void {
  close(fd, () => {});
}

/** The system's name of an error (`ENOENT`), or an empty text. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The error's text without Node's decorations. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
