/** Texts from one log differ near their ends: in a process number, in the last part of an address. */
const HASHED = 8;

/** A number for a text, for tables that are made to be fast. Not for texts that somebody else has all the choice of. */
export function textHash(text: string): number {
  const { length } = text;
  let hash = length;
  for (let i = length > HASHED ? length - HASHED : 0; i < length; i++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return (hash ^ (hash >>> 13)) >>> 0;
}
