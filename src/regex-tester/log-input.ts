import { closeSync, openSync, readSync, statSync } from "node:fs";
import { lookupEncoding, UnknownEncodingError } from "../source/encoding.ts";
import { TesterError } from "./tester-error.ts";

/** Most bytes read at a time. */
const BLOCK = 1 << 20;

/** Whether the LOG argument is the path of a log file; otherwise it is log text itself. */
export function isLogFile(argument: string): boolean {
  if (argument === "" || argument.includes("\0")) return false;
  return statSync(argument, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The lines of log text given on the command line. */
export function linesOfText(text: string): string[] {
  return text.split("\n").map(withoutReturns);
}

/**
 * Reads a log file in pieces of whole lines, without their ends. A last line without line end is left out.
 *
 * @throws {TesterError} when the encoding is not known or the file cannot be read
 */
export function linesOfFile(path: string, encoding: string): Iterable<string[]> {
  // Whether the encoding is known is to be said before anything is read.
  decoderFor(encoding, new Uint8Array());
  return readFile(path, encoding);
}

function* readFile(path: string, encoding: string): Generator<string[]> {
  const file = open(path);
  try {
    yield* readLines(file, encoding);
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new TesterError(`ERROR: Unable to open ${path}: ${(error as Error).message}`);
  }
}

function* readLines(file: number, encoding: string): Generator<string[]> {
  let buffer = Buffer.allocUnsafe(BLOCK);
  let held = readSync(file, buffer, 0, BLOCK, null);
  const decoder = decoderFor(encoding, buffer.subarray(0, Math.min(2, held)));
  for (let read = held; read > 0; ) {
    const end = decoder.lastLineEnd(buffer, held);
    if (end > 0) {
      const { text } = decoder.decode(buffer.subarray(0, end));
      yield text.split("\n").slice(0, -1).map(withoutReturns);
      buffer.copyWithin(0, end, held);
      held -= end;
    }
    if (held > buffer.length / 2)
      buffer = Buffer.concat([buffer.subarray(0, held), Buffer.allocUnsafe(held + BLOCK)]);
    read = readSync(file, buffer, held, buffer.length - held, null);
    held += read;
  }
}

function decoderFor(encoding: string, byteOrderMark: Uint8Array): ReturnType<typeof lookupEncoding> {
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
