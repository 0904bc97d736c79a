/** Bytes that are not UTF-8. The message names the first offending byte the way the reference does. */
export class DecodeError extends Error {
  /** Offset of the first byte that cannot be decoded. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "DecodeError";
    this.offset = offset;
  }
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes UTF-8 strictly and keeps a byte-order mark as U+FEFF.
 *
 * @throws {DecodeError} with position and reason if the bytes are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    throw explain(bytes);
  }
}

function explain(bytes: Uint8Array): DecodeError {
  let at = 0;
  while (at < bytes.length) {
    const { length, valid, reason } = sequenceAt(bytes, at);
    if (valid) at += length;
    else return new DecodeError(`'utf-8' codec can't decode ${describe(bytes, at, length)}: ${reason}`, at);
  }
  return new DecodeError("'utf-8' codec can't decode the file", 0);
}

function describe(bytes: Uint8Array, at: number, length: number): string {
  if (length > 1) return `bytes in position ${at}-${at + length - 1}`;
  return `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")} in position ${at}`;
}

interface Sequence {
  /** Bytes of the sequence, or of its well-formed beginning. */
  readonly length: number;
  readonly valid: boolean;
  readonly reason: string;
}

function sequenceAt(bytes: Uint8Array, at: number): Sequence {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { length: 1, valid: true, reason: "" };
  const wanted =
    lead >= 0xc2 && lead <= 0xdf
      ? 2
      : lead >= 0xe0 && lead <= 0xef
        ? 3
        : lead >= 0xf0 && lead <= 0xf4
          ? 4
          : 0;
  if (wanted === 0) return { length: 1, valid: false, reason: "invalid start byte" };
  for (let seen = 1; seen < wanted; seen++) {
    const byte = bytes[at + seen];
    if (byte === undefined) return { length: seen, valid: false, reason: "unexpected end of data" };
    if (!continues(lead, seen, byte))
      return { length: seen, valid: false, reason: "invalid continuation byte" };
  }
  return { length: wanted, valid: true, reason: "" };
}

/** The second byte is restricted for some leads: no overlong forms, no surrogates, nothing above U+10FFFF. */
function continues(lead: number, index: number, byte: number): boolean {
  const low = index > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = index > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= low && byte <= high;
}
