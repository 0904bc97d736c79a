import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, NOWHERE } from "./block-bytes.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "\n", "\x80", "ü", "Ċ", "中", "😀"),
  maxLength: 40,
});
const place = fc.nat({ max: 40 });

test("it tells which parts are of pure ASCII, in whatever order it is asked", () => {
  fc.assert(
    fc.property(text, fc.array(fc.tuple(place, place), { maxLength: 8 }), (content, parts) => {
      const block = bytesOf(content, /^[\0-\x7f]*$/.test(content));
      for (const [one, other] of parts) {
        const [start, end] = [
          Math.min(one, other, content.length),
          Math.min(Math.max(one, other), content.length),
        ];
        assert.equal(block.isPlain(start, end), /^[\0-\x7f]*$/.test(content.slice(start, end)));
      }
    }),
  );
});

test("no byte stands for a newline, or another ASCII character, that is not one", () => {
  fc.assert(
    fc.property(text, (content) => {
      const { bytes } = bytesOf(content, false);
      for (let i = 0; i < content.length; i++) {
        const code = content.charCodeAt(i);
        assert.equal(bytes[i], Math.min(code, 0x80));
      }
    }),
  );
});

test("a line is laid out without its date, unless it is not of pure ASCII", () => {
  const block = bytesOf("host DATE text\nhost DATE tüxt\n", false);
  const at = block.layOut(0, 5, 9, 14);
  assert.equal(Buffer.from(block.bytes.subarray(at, at + 11)).toString(), "host  text\n");
  assert.equal(block.layOut(15, 20, 24, 29), NOWHERE);
});
