import { readFileSync } from "node:fs";

/**
 * The arguments of this program. Node replaces bytes that are no UTF-8; here each becomes a lone surrogate
 * (U+DC80 to U+DCFF) instead, the way in which the server expects them.
 */
export function programArguments(argv: readonly string[] = process.argv.slice(2)): readonly string[] {
  if (!argv.some((word) => word.includes("\ufffd"))) return argv;
  let raw: Buffer;
  try {
    raw = readFileSync("/proc/self/cmdline");
  } catch {
    return argv;
  }
  const words: string[] = [];
  for (let start = 0; start < raw.length; ) {
    const end = raw.indexOf(0, start);
    words.push(decode(raw.subarray(start, end < 0 ? raw.length : end)));
    start = end < 0 ? raw.length : end + 1;
  }
  return argv.length === 0 ? [] : words.slice(-argv.length);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes as much as is UTF-8; other bytes become surrogates. */
function decode(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => isCharacter(bytes.subarray(at, at + size), size));
    if (length === undefined) text += String.fromCharCode(0xdc00 | (bytes[at] ?? 0));
    else text += strict.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return text;
}

function isCharacter(bytes: Buffer, size: number): boolean {
  if (bytes.length < size) return false;
  try {
    return strict.decode(bytes) !== "";
  } catch {
    return false;
  }
}
