import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isKnownEncoding, lookupEncoding, preferredEncoding, UnknownEncodingError } from "./encoding.ts";

function decode(encoding: string, ...bytes: number[]) {
  return lookupEncoding(encoding).decode(Buffer.from(bytes));
}

test("names are taken as Python spells them", () => {
  for (const name of ["UTF-8", "utf8", "U8", "utf_8"]) assert.equal(lookupEncoding(name).id, "utf-8");
  for (const name of ["latin1", "latin-1", "ISO-8859-1", "iso8859_1", "L1"]) {
    assert.equal(lookupEncoding(name).id, "latin-1");
  }
  assert.equal(lookupEncoding("iso8859_15").id, "iso-8859-15");
  assert.equal(lookupEncoding("cp1252").id, "windows-1252");
  assert.equal(lookupEncoding("windows-1251").id, "windows-1251");
  assert.equal(lookupEncoding("utf-16le").id, "utf-16le");
  assert.throws(
    () => lookupEncoding("no-such-enc"),
    (error: Error) =>
      error instanceof UnknownEncodingError && error.message === "unknown encoding: no-such-enc",
  );
  assert.equal(isKnownEncoding("auto"), false);
});

test("every name of an encoding really has a decoder", () => {
  const names =
    "iso8859-2 iso8859-9 iso8859-11 iso8859-16 latin9 koi8-r koi8_u gbk gb18030 big5 shift_jis euc_jp euc_kr " +
    "iso2022_jp cp866 cp874 cp932 cp1250 cp1258 mac_roman ascii utf-16 utf-16be";
  for (const name of names.split(" ")) {
    assert.deepEqual(lookupEncoding(name).decode(Buffer.from("ab")).damaged, false, name);
  }
});

test("undecodable bytes become U+FFFD and are reported", () => {
  assert.deepEqual(decode("utf-8", 0x61, 0xff, 0x62), { text: "a\ufffdb", ascii: false, damaged: true });
  assert.deepEqual(decode("utf-8", 0xc3, 0xa9), { text: "é", ascii: false, damaged: false });
  assert.deepEqual(decode("ascii", 0x61, 0xe9), { text: "a\ufffd", ascii: false, damaged: true });
  assert.deepEqual(decode("latin-1", 0x80, 0xe9), { text: "\x80é", ascii: false, damaged: false });
  assert.equal(decode("iso8859-15", 0xa4).text, "€");
  assert.equal(decode("cp1252", 0x80).text, "€");
  assert.equal(decode("cp1252", 0x61).ascii, true);
});

test("UTF-16 line ends are found on code units only", () => {
  const le = lookupEncoding("utf-16le");
  const bytes = Buffer.from("a\u0a0a\u0100\nb\nc", "utf16le");
  assert.equal(le.lastLineEnd(bytes, bytes.length), bytes.length - 2);
  assert.equal(le.firstLineEnd(bytes, bytes.length, 0), 8);
  assert.equal(le.firstLineEnd(bytes.subarray(3), bytes.length - 3, 3), 5);
  assert.equal(le.lastLineEnd(bytes, 7), 0);
  assert.equal(lookupEncoding("utf-16", Buffer.from([0xfe, 0xff])).id, "utf-16be");
  assert.equal(lookupEncoding("utf-16", Buffer.from([0xff, 0xfe])).id, "utf-16le");
  assert.equal(lookupEncoding("utf-16be").decode(Buffer.from([0, 0x61, 0, 0x0a])).text, "a\n");
});

test("whatever the bytes, decoding keeps every line end", () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.constantFrom("utf-8", "ascii", "latin-1", "cp1252", "shift_jis"),
      (raw, name) => {
        const bytes = Buffer.from(raw);
        const { text, damaged } = lookupEncoding(name).decode(bytes);
        const ends = (s: string) => s.split("\n").length;
        assert.equal(ends(text), ends(bytes.toString("latin1")));
        if (!damaged) assert.ok(!text.includes("\ufffd") || name === "utf-8");
      },
    ),
  );
});

test("auto follows the locale", () => {
  assert.equal(preferredEncoding({}), "UTF-8");
  assert.equal(preferredEncoding({ LANG: "en_US.UTF-8" }), "UTF-8");
  assert.equal(preferredEncoding({ LANG: "C.UTF-8", LC_ALL: "de_DE.ISO-8859-15@euro" }), "ISO-8859-15");
  assert.equal(preferredEncoding({ LANG: "C" }), "UTF-8");
});
