import { isAscii, isUtf8 } from "node:buffer";

/** Turns the bytes of whole lines into text. Get one from {@link lookupEncoding}. */
export interface LineDecoder {
  /** Identifies decoders that give equal results: files read with equal ids are decoded once. */
  readonly id: string;
  /** Bytes of one code unit: 2 for UTF-16, else 1. */
  readonly unit: 1 | 2;
  /**
   * Index just behind the last line end in the first `length` bytes, which begin at a line's begin; 0 when
   * there is none.
   */
  lastLineEnd(bytes: Buffer, length: number): number;
  /** Index just behind the first line end, or 0. `phase` is the offset of `bytes` from the line's begin. */
  firstLineEnd(bytes: Buffer, length: number, phase: number): number;
  /** Decodes; undecodable bytes become U+FFFD and set `damaged`. */
  decode(bytes: Buffer): DecodedText;
}

/** Result of decoding. */
export interface DecodedText {
  readonly text: string;
  /** True when every byte was ASCII, so that `text` has code units below 0x80 only. */
  readonly ascii: boolean;
  /** True when some bytes could not be decoded. */
  readonly damaged: boolean;
}

/** Thrown for an encoding that is not known; the message is the one administrators know. */
export class UnknownEncodingError extends Error {
  constructor(name: string) {
    super(`unknown encoding: ${name}`);
    this.name = "UnknownEncodingError";
  }
}

const NEWLINE = 0x0a;

/**
 * The decoder for an encoding as Python names it: `UTF-8`, `utf8`, `latin1`, `iso8859_15`, `cp1252`, `utf-16le`, …
 *
 * `byteOrderMark` is the file's first two bytes; plain `utf-16` takes its byte order from there.
 * @throws UnknownEncodingError
 */
export function lookupEncoding(name: string, byteOrderMark: Uint8Array = new Uint8Array()): LineDecoder {
  const key = normalise(name);
  if (UTF8_NAMES.has(key)) return utf8Decoder;
  if (ASCII_NAMES.has(key)) return asciiDecoder;
  if (LATIN1_NAMES.has(key)) return latin1Decoder;
  if (key === "utf16" || key === "u16") {
    return byteOrderMark[0] === 0xfe && byteOrderMark[1] === 0xff ? utf16Decoder("be") : utf16Decoder("le");
  }
  if (key === "utf16le" || key === "utf16be") return utf16Decoder(key.endsWith("le") ? "le" : "be");
  const label = standardLabel(key);
  if (label === null) throw new UnknownEncodingError(name);
  return textDecoder(label);
}

/** True when {@link lookupEncoding} knows the name. */
export function isKnownEncoding(name: string): boolean {
  try {
    lookupEncoding(name);
    return true;
  } catch {
    return false;
  }
}

/** Those of a process's environment variables that tell the encoding of text. */
export interface LocaleVariables {
  readonly LC_ALL?: string | undefined;
  readonly LC_CTYPE?: string | undefined;
  readonly LANG?: string | undefined;
}

/**
 * The encoding that `auto` stands for: the locale's; UTF-8 where no locale is set at all or where the locale
 * says nothing but plain ASCII and UTF-8 cannot be ruled out.
 */
export function preferredEncoding(environment: LocaleVariables): string {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  if (!charset || !isKnownEncoding(charset)) return "UTF-8";
  return UTF8_NAMES.has(normalise(charset)) ? "UTF-8" : charset;
}

function normalise(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, "");
}

const UTF8_NAMES = new Set(["utf8", "u8", "utf", "utf8ucs2", "utf8ucs4", "cp65001", "utf8sig"]);
const ASCII_NAMES = new Set(["ascii", "usascii", "646", "ansix3.41968", "ansix3.41986", "iso646us", "us"]);
const LATIN1_NAMES = new Set(["latin1", "latin", "l1", "iso88591", "88591", "cp819", "iso885911987", "8859"]);

/** Python's names that the Encoding Standard spells otherwise, normalised. */
const STANDARD_NAMES: Readonly<Record<string, string>> = {
  latin2: "iso-8859-2",
  latin3: "iso-8859-3",
  latin4: "iso-8859-4",
  latin5: "iso-8859-9",
  latin6: "iso-8859-10",
  latin7: "iso-8859-13",
  latin8: "iso-8859-14",
  latin9: "iso-8859-15",
  latin10: "iso-8859-16",
  cyrillic: "iso-8859-5",
  arabic: "iso-8859-6",
  greek: "iso-8859-7",
  hebrew: "iso-8859-8",
  thai: "iso-8859-11",
  cp866: "ibm866",
  koi8r: "koi8-r",
  koi8u: "koi8-u",
  gb2312: "gbk",
  gbk: "gbk",
  cp936: "gbk",
  gb18030: "gb18030",
  big5: "big5",
  cp950: "big5",
  shiftjis: "shift_jis",
  sjis: "shift_jis",
  cp932: "shift_jis",
  eucjp: "euc-jp",
  iso2022jp: "iso-2022-jp",
  euckr: "euc-kr",
  cp949: "euc-kr",
  macroman: "macintosh",
  macintosh: "macintosh",
  maccyrillic: "x-mac-cyrillic",
  cp874: "windows-874",
};

function standardLabel(key: string): string | null {
  const named = STANDARD_NAMES[key];
  if (named !== undefined) return named;
  const iso = /^(?:iso)?8859(1[0-6]|[2-9])$/.exec(key);
  if (iso) return iso[1] === "12" ? null : `iso-8859-${iso[1]}`;
  const windows = /^(?:cp|windows)(125[0-8])$/.exec(key);
  return windows ? `windows-${windows[1]}` : null;
}

const byteLines = {
  unit: 1,
  lastLineEnd(bytes: Buffer, length: number): number {
    return length === 0 ? 0 : bytes.lastIndexOf(NEWLINE, length - 1) + 1;
  },
  firstLineEnd(bytes: Buffer, length: number): number {
    const at = bytes.indexOf(NEWLINE);
    return at >= 0 && at < length ? at + 1 : 0;
  },
} as const;

function ascii(bytes: Buffer): DecodedText {
  return { text: bytes.toString("latin1"), ascii: true, damaged: false };
}

const utf8Decoder: LineDecoder = {
  ...byteLines,
  id: "utf-8",
  decode(bytes) {
    if (isAscii(bytes)) return ascii(bytes);
    return { text: bytes.toString("utf8"), ascii: false, damaged: !isUtf8(bytes) };
  },
};

const asciiDecoder: LineDecoder = {
  ...byteLines,
  id: "ascii",
  decode(bytes) {
    if (isAscii(bytes)) return ascii(bytes);
    return { text: bytes.toString("latin1").replace(/[\x80-\xff]/g, "\ufffd"), ascii: false, damaged: true };
  },
};

const latin1Decoder: LineDecoder = {
  ...byteLines,
  id: "latin-1",
  decode(bytes) {
    return { text: bytes.toString("latin1"), ascii: isAscii(bytes), damaged: false };
  },
};

/** Encodings in which an ASCII byte always means itself, except for ISO-2022-JP with its escapes. */
function textDecoder(label: string): LineDecoder {
  const strict = new TextDecoder(label, { fatal: true });
  const lenient = new TextDecoder(label);
  const escapes = label === "iso-2022-jp";
  return {
    ...byteLines,
    id: label,
    decode(bytes) {
      if (!escapes && isAscii(bytes)) return ascii(bytes);
      try {
        return { text: strict.decode(bytes), ascii: false, damaged: false };
      } catch {
        return { text: lenient.decode(bytes), ascii: false, damaged: true };
      }
    },
  };
}

function utf16Decoder(order: "le" | "be"): LineDecoder {
  const strict = new TextDecoder(`utf-16${order}`, { fatal: true });
  const lenient = new TextDecoder(`utf-16${order}`);
  const low = order === "le" ? 0 : 1;
  const isLineEnd = (bytes: Buffer, at: number) => bytes[at + low] === NEWLINE && bytes[at + 1 - low] === 0;
  return {
    id: `utf-16${order}`,
    unit: 2,
    lastLineEnd(bytes, length) {
      for (let at = (length & ~1) - 2; at >= 0; at -= 2) if (isLineEnd(bytes, at)) return at + 2;
      return 0;
    },
    firstLineEnd(bytes, length, phase) {
      for (let at = phase & 1; at + 1 < length; at += 2) if (isLineEnd(bytes, at)) return at + 2;
      return 0;
    },
    decode(bytes) {
      try {
        return { text: strict.decode(bytes), ascii: false, damaged: false };
      } catch {
        return { text: lenient.decode(bytes), ascii: false, damaged: true };
      }
    },
  };
}
