/**
 * UTF-8 as the protocol uses it: lone surrogates are allowed and take three bytes. They are how undecodable
 * bytes of a command line travel (byte 0xff as U+DCFF).
 */
export function encodeUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char.length === 1 && code >= 0xd800 && code <= 0xdfff) {
      parts.push(Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]));
    } else {
      parts.push(Buffer.from(char, "utf8"));
    }
  }
  return Buffer.concat(parts);
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The inverse of {@link encodeUtf8}.
 *
 * @throws RangeError when the bytes are no UTF-8; the message names the offending byte and its position
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeWithSurrogates(bytes);
  }
}

function decodeWithSurrogates(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (!isSurrogateAt(bytes, i)) continue;
    text += decodeStrictly(bytes, start, i);
    const second = bytes[i + 1] ?? 0;
    const third = bytes[i + 2] ?? 0;
    text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    start = i + 3;
    i += 2;
  }
  return text + decodeStrictly(bytes, start, bytes.length);
}

function isSurrogateAt(bytes: Uint8Array, i: number): boolean {
  const second = bytes[i + 1] ?? 0;
  const third = bytes[i + 2] ?? 0;
  return bytes[i] === 0xed && (second & 0xe0) === 0xa0 && (third & 0xc0) === 0x80;
}

function decodeStrictly(bytes: Uint8Array, start: number, end: number): string {
  try {
    return strictDecoder.decode(bytes.subarray(start, end));
  } catch {
    throw new RangeError(`'utf-8' codec can't decode bytes ${start} to ${end} of a string`);
  }
}
