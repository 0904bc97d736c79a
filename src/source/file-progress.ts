import type { Cursor } from "./cursor.ts";
import type { Lag } from "./source-state.ts";

/** Waiting bytes that are looked at; what lies behind is estimated from them. */
const SAMPLE_BYTES = 256 * 1024;
/** The last line is looked for in so many bytes. */
const TAIL_BYTES = 64 * 1024;

/**
 * How far behind the ends of their files a reader's cursors are, by a look into the files: reading itself counts
 * no lines.
 *
 * @param cursors those that have yet to reach the end of their file, in the order of reading
 * @param timeOf the time of a line in seconds since 1970 UTC, `null` when it has none
 * @param now seconds since 1970 UTC
 * @throws the system's error
 */
export async function lagOf(
  cursors: readonly Cursor[],
  timeOf: (line: string) => number | null,
  now: number,
): Promise<Lag> {
  let bytes = 0;
  let lines = 0;
  let linesExact = true;
  let first: string | null = null;
  for (const { file, offset, decoder } of cursors) {
    const waiting = Math.max(0, (await file.size()) - offset);
    const sample = await file.peek(offset, Math.min(waiting, SAMPLE_BYTES));
    const whole = decoder.lastLineEnd(sample, sample.length);
    const isAll = waiting <= SAMPLE_BYTES;
    // The begin of a line that is still being written does not wait for us.
    bytes += isAll ? whole : waiting;
    linesExact &&= isAll;
    if (whole === 0) continue;
    const { text } = decoder.decode(sample.subarray(0, whole));
    const count = text.split("\n").length - 1;
    lines += isAll ? count : Math.round((waiting / whole) * count);
    first ??= text.slice(0, text.indexOf("\n"));
  }
  const time = first === null ? null : timeOf(first);
  const seconds = time === null ? null : Math.max(0, now - time);
  return { bytes, lines, linesExact, seconds: bytes === 0 ? 0 : seconds };
}

/**
 * The last whole line before a cursor; `null` at the begin of a file, and behind a line that is too long.
 *
 * @throws the system's error
 */
export async function lastLineBefore({ file, offset, decoder }: Cursor): Promise<string | null> {
  const length = Math.min(offset, TAIL_BYTES) - (Math.min(offset, TAIL_BYTES) % decoder.unit);
  const bytes = await file.peek(offset - length, length);
  const { text } = decoder.decode(bytes);
  const begin = text.lastIndexOf("\n", text.length - 2) + 1;
  if (text === "" || (begin === 0 && length < offset)) return null;
  return text.slice(begin).replace(/[\r\n]+$/, "");
}
