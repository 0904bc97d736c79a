import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { readAt } from "./file-io.ts";
import { checkKind, checkPath } from "./log-file-kind.ts";

/** A first line longer than this many bytes counts as incomplete. */
const LONGEST_FIRST_LINE = 1 << 20;
const FIRST_READ = 4096;
const NEWLINE = 0x0a;

/** What is known of a log file at the moment it is added to a jail. */
export interface LogFileFacts {
  /** Size in bytes. */
  readonly size: number;
  readonly inode: number;
  /** See {@link firstLineHash}. */
  readonly firstLineHash: string;
}

/**
 * Looks at a log file: size, inode and first-line hash belong to the same moment and the same inode.
 *
 * @throws the system's error when the file cannot be opened, NoLogFileError
 */
export function inspectLogFile(path: string): LogFileFacts {
  checkPath(path);
  // Looked at before it is opened: opening alone has consequences for pipes and devices.
  checkKind(path, statSync(path));
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const facts = fstatSync(fd);
    checkKind(path, facts);
    const hash = facts.isFile() ? hashSync(fd) : "";
    return { size: facts.isFile() ? facts.size : 0, inode: facts.ino, firstLineHash: hash };
  } finally {
    closeSync(fd);
  }
}

/**
 * The mark by which a log file is recognised after a restart: SHA-1 (40 hex digits) of the bytes of its first
 * line including the line end; empty while the first line is incomplete.
 *
 * @throws the system's error when the file cannot be read
 */
export function firstLineHash(path: string): string {
  return inspectLogFile(path).firstLineHash;
}

/** {@link firstLineHash} of an open file, without blocking. */
export async function hashFirstLine(fd: number): Promise<string> {
  for (let length = FIRST_READ; ; length *= 16) {
    const bytes = Buffer.allocUnsafe(Math.min(length, LONGEST_FIRST_LINE));
    const read = await readAt(fd, bytes, bytes.length, 0);
    const hash = hashOf(bytes.subarray(0, read));
    if (hash !== "" || read < bytes.length || length >= LONGEST_FIRST_LINE) return hash;
  }
}

function hashSync(fd: number): string {
  for (let length = FIRST_READ; ; length *= 16) {
    const bytes = Buffer.allocUnsafe(Math.min(length, LONGEST_FIRST_LINE));
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    const hash = hashOf(bytes.subarray(0, read));
    if (hash !== "" || read < bytes.length || length >= LONGEST_FIRST_LINE) return hash;
  }
}

function hashOf(bytes: Buffer): string {
  const end = bytes.indexOf(NEWLINE) + 1;
  if (end === 0) return "";
  // Loaded only now: it takes its time, and many logs are empty when a server starts.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha1").update(bytes.subarray(0, end)).digest("hex");
}
