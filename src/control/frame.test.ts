import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameReader, FrameTooLongError, TERMINATOR_TEXT } from "./frame.ts";

function framesOf(reader: FrameReader): string[] {
  const found: string[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) {
    found.push(`${frame.kind}:${frame.bytes.toString("latin1")}`);
  }
  return found;
}

test("the first byte tells pickles from JSON lines", () => {
  const reader = new FrameReader(1000);
  reader.push(Buffer.from(`one${TERMINATOR_TEXT}{"a": "${TERMINATOR_TEXT}"}\ntwo${TERMINATOR_TEXT}{`));
  assert.deepEqual(framesOf(reader), ["pickle:one", `json:{"a": "${TERMINATOR_TEXT}"}`, "pickle:two"]);
  assert.equal(reader.pending, 1);
  reader.push(Buffer.from("}\n"));
  assert.deepEqual(framesOf(reader), ["json:{}"]);
  assert.equal(reader.pending, 0);
});

test("messages beyond the limit are refused, finished or not", () => {
  const unfinished = new FrameReader(10);
  unfinished.push(Buffer.alloc(11, "x"));
  assert.throws(() => unfinished.next(), FrameTooLongError);
  const finished = new FrameReader(10);
  finished.push(Buffer.from(`${"x".repeat(11)}${TERMINATOR_TEXT}`));
  assert.throws(() => finished.next(), FrameTooLongError);
  const fits = new FrameReader(10);
  fits.push(Buffer.from(`${"x".repeat(10)}${TERMINATOR_TEXT}`));
  assert.deepEqual(framesOf(fits), [`pickle:${"x".repeat(10)}`]);
});

test("however the bytes are cut, the messages are the same", () => {
  const part = fc.constantFrom("x", "<", "<F2B_END", TERMINATOR_TEXT, "{", "\n", "<F2B_END_COMMAND");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.array(fc.nat(9), { minLength: 1 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(""));
      const whole = new FrameReader(10_000);
      whole.push(bytes);
      const expected = framesOf(whole);
      const pieces = new FrameReader(10_000);
      const got: string[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = 1 + (cuts[i % cuts.length] ?? 0);
        pieces.push(bytes.subarray(at, at + size));
        got.push(...framesOf(pieces));
        at += size;
      }
      assert.deepEqual(got, expected);
      assert.equal(pieces.pending, whole.pending);
    }),
  );
});
