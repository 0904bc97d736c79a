import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeUtf8 } from "./utf8.ts";

test("valid text, byte-order mark included", () => {
  assert.equal(decodeUtf8(Buffer.from("\ufeffaé€😀")), "\ufeffaé€😀");
});

test("reasons", () => {
  const cases: [number[], string][] = [
    [[0x61, 0xff], "byte 0xff in position 1: invalid start byte"],
    [[0x80], "byte 0x80 in position 0: invalid start byte"],
    [[0xc3, 0x28], "byte 0xc3 in position 0: invalid continuation byte"],
    [[0xe2, 0x82], "bytes in position 0-1: unexpected end of data"],
    [[0xed, 0xa0, 0x80], "byte 0xed in position 0: invalid continuation byte"],
    [[0xf0, 0x9f, 0x98, 0x41], "bytes in position 0-2: invalid continuation byte"],
  ];
  for (const [bytes, reason] of cases) {
    assert.throws(() => decodeUtf8(Uint8Array.from(bytes)), {
      message: `'utf-8' codec can't decode ${reason}`,
    });
  }
});
