/** How a place of reading is recognised: by the bytes before it. */

/**
 * So many bytes before the place of reading are read again and compared: when they are others, the file was truncated
 * and has grown beyond that place since, which its size does not show.
 */
export const MARK_BYTES = 256;

/** Nothing is known of the bytes before a place. */
export const NO_MARK = Buffer.alloc(0);

/**
 * Number of zeros in front. At the begin of a file they are a hole: it was truncated under a program that goes on writing
 * where it was.
 */
export function zerosBefore(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.length : first;
}

/** Whether all that is known of the bytes before a place is that they are zeros. */
export function isHole(mark: Buffer): boolean {
  return mark.length > 0 && mark.every((byte) => byte === 0);
}

/** Whether the bytes before a cursor are others by now; not so for a hole, see {@link isHole}. */
export function isRewritten(found: Buffer, mark: Buffer): boolean {
  return found.length === mark.length && !found.equals(mark) && found.some((byte) => byte !== 0);
}
