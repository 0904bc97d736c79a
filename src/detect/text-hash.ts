/** Texts from one log differ near their ends: in a process number, in the last part of an address. */
const HASHED = 8;

/** A number from 0 for a text, for tables that are made to be fast. Not for texts that somebody else has all the choice of. */
export function textHash(text: string): number {
  const { length } = text;
  let hash = length;
  for (let i = length > HASHED ? length - HASHED : 0; i < length; i++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return spread(hash);
}

/** The same for a text of pure ASCII that stands in bytes from `start` to `end`. */
export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let hash = length;
  for (let i = length > HASHED ? end - HASHED : start; i < end; i++) {
    hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  }
  return spread(hash);
}

/** 31 bits, which the engine keeps in place and not as objects. */
function spread(hash: number): number {
  return (hash ^ (hash >>> 13)) & 0x7fffffff;
}
